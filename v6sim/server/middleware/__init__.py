"""ASGI middleware: what each request passes on its way to the app."""
