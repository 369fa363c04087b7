"""Who may do what: the rules as data, callers, decisions with their reasons, tokens, passwords."""
