"""API keys of nodes: how they are kept."""

import hashlib


def hash_key(api_key: str) -> str:
    """What is kept of an API key: it is long and random, so a quick hash is safe."""
    return hashlib.sha256(api_key.encode()).hexdigest()
