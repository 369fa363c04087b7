"""ASGI middleware, one a file, named for what it does."""
