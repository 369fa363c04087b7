"""Nodes: they sign in to a server, run algorithms on local data, and report."""
