"""For tests of algorithms and clients: a pytest plugin."""
