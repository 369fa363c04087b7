"""How things look on the 3.7 wire (reference: server-api, section 2)."""
