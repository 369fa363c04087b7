"""The checks over what leaves: named rules, each a pure function."""
