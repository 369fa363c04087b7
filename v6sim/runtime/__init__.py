"""This process and its helpers: what they do for all other parts, of which they know nothing."""
