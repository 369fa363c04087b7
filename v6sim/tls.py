"""What checks certificates: made once, as reading them takes longer than many a request."""

import ssl
from functools import cache


@cache
def context() -> ssl.SSLContext:
    """The one of this process, with the certificates that httpx trusts."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
