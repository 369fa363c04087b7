"""The server: what it stores, what it allows, what it does, and the dialects it speaks."""
