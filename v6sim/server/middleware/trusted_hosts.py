"""ASGI middleware that refuses requests for names that are not this server's.

A web page may have its own name resolved to this machine (DNS rebinding), and would then count as a
page of this server. Its requests still name the page's host.
"""

from collections.abc import Sequence
from functools import lru_cache

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from v6sim.runtime.hosts import fits_host, host_in, is_host_pattern, is_loopback

_FROM_CONTAINERS = "host.docker.internal"
_HOSTS = 100  # whose trust is remembered
_LONGEST = 300  # characters of a host's name


class TrustedHosts:
    """Answers 421 to requests whose `Host` is neither a name of loopback nor an allowed one.

    While the server listens elsewhere than on loopback, and no names are allowed, any name passes,
    as at the genuine server.

    Args:
        app: what answers the others.
        listening: host that the server listens on.
        allowed: further names, as the setting `allowed_hosts` has them.
    """

    def __init__(self, app: ASGIApp, listening: str, allowed: Sequence[str] | None) -> None:
        self._app = app
        self._is_checked = allowed is not None or is_loopback(listening)
        self._allowed = (*(allowed or ()), _FROM_CONTAINERS)
        self._is_trusted = lru_cache(maxsize=_HOSTS)(self._find_trust)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not self._is_checked or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        named = tuple(value.decode("latin-1") for key, value in scope["headers"] if key == b"host")
        if self._is_trusted(named) if named else scope.get("http_version") == "1.0":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _refusal(named)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403

    def _find_trust(self, named: tuple[str, ...]) -> bool:
        """Return whether a request with some headers `Host` is answered."""
        host = host_in(named[0])
        if host is None or len(named) > 1:
            return False
        return is_loopback(host) or any(fits_host(pattern, host) for pattern in self._allowed)


def _refusal(named: tuple[str, ...]) -> ASGIApp:
    text = f"this server does not answer for the host {', '.join(named)[:100]!r}. "
    host = host_in(named[0]) if len(named) == 1 else None
    if host is not None and is_host_pattern(host):
        text += (
            f"If that is a name of it, start it with --allow-host {host[:_LONGEST]}, or name the "
            "host in the setting `allowed_hosts`"
        )
    else:
        text += "A request has to name one host, as in `Host: localhost:5000`"
    return JSONResponse({"msg": text}, 421, {"cache-control": "no-store"})
