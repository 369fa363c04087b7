"""ASGI middleware that says which web pages may read answers (CORS).

The genuine server lets the pages of any origin read them. While this server listens on loopback,
only pages of loopback may, and those that the setting `allowed_origins` names.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from v6sim.runtime.hosts import is_loopback, is_loopback_origin

_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_SOCKETS = "/socket.io/"
_METHODS_OF_SOCKETS = "OPTIONS, GET, POST"
_VARY = (b"vary", b"Origin")


class OriginPolicy:
    """Says which origins may read answers.

    Args:
        listening: host that the server listens on.
        allowed: further origins, as the setting `allowed_origins` has them.
    """

    def __init__(self, listening: str, allowed: Sequence[str] | None) -> None:
        names = {name.lower() for name in allowed or ()}
        self._are_all = "*" in names or (allowed is None and not is_loopback(listening))
        self._names = names

    def allows(self, origin: str) -> bool:
        """Return whether pages of an origin may read answers."""
        return self._are_all or origin.lower() in self._names or is_loopback_origin(origin)


class CorsHeaders:
    """Adds the headers of CORS to the answers of an app; web sockets of other pages are refused.

    A preflight request is answered by the app, whose answer says with `Allow` what is possible.
    A request without an origin gets no header, so that no cache gives its answer to a page.

    Args:
        app: what answers.
        origins: whose pages may read that.
    """

    def __init__(self, app: ASGIApp, origins: OriginPolicy) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        origin = _origin(scope)
        is_allowed = origin is not None and self._origins.allows(origin)
        if scope["type"] == "websocket":
            if origin is None or is_allowed:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
            return
        added = [_VARY, *(_headers(origin, scope) if origin and is_allowed else ())]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _origin(scope: Scope) -> str | None:
    """Return the origin of the page that asks; None if no page does."""
    for name, value in scope["headers"]:
        if name == b"origin":
            return str(value, "latin-1")
    return None


def _headers(origin: str, scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers for a page that may read an answer, as the genuine server has them."""
    asked, is_socket = Headers(scope=scope), scope["path"].startswith(_SOCKETS)
    headers = {"access-control-allow-origin": origin}
    if is_socket:
        headers["access-control-allow-credentials"] = "true"
    if "access-control-request-method" in asked:
        headers["access-control-allow-methods"] = _METHODS_OF_SOCKETS if is_socket else _METHODS
        wanted = asked.get("access-control-request-headers", "")
        headers["access-control-allow-headers"] = wanted
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
