"""What the server does, in its own words: one module a noun, free of wire names."""
