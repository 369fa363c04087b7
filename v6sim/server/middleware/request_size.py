"""ASGI middleware that refuses request bodies that are too large."""

from collections.abc import Callable

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from v6sim.server.errors import TooLarge

Limit = Callable[[str], int]
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})


class RequestSizeLimit:
    """Ends the reading of a body that is larger than it may be.

    Who reads the body gets the error `TooLarge`: at once if the request says how long its body is,
    else as soon as too much has come. If the app does not answer that error, this does.

    Args:
        app: what answers the requests.
        limit: returns the largest body of a request, in bytes, by the request's path.
    """

    def __init__(self, app: ASGIApp, limit: Limit) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        body = _Body(receive, _declared_size(scope), self._limit(scope["path"]))
        try:
            await self._app(scope, body.receive, send_on)
        except TooLarge as error:
            if has_begun:
                raise
            await _answer(error, send)


class _Body:
    """The body of one request, as far as it may be read."""

    def __init__(self, receive: Receive, declared: int | None, limit: int) -> None:
        self._receive, self._declared, self._limit = receive, declared, limit
        self._size = 0

    async def receive(self) -> Message:
        """Return the next part.

        Raises:
            TooLarge: the body is larger than it may be.
        """
        if self._declared is not None and self._declared > self._limit:
            raise TooLarge("request body", self._declared, self._limit, "max_body")
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise TooLarge("request body", None, self._limit, "max_body")
        return message


def _has_body(scope: Scope) -> bool:
    """Return whether a request has a body (RFC 9112, section 6.3)."""
    return not _LENGTHS.isdisjoint(dict(scope["headers"]))


def _declared_size(scope: Scope) -> int | None:
    """Return how long a request says that its body is; None if it does not say."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


async def _answer(error: TooLarge, send: Send) -> None:
    content = orjson.dumps({"msg": str(error)})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": content})
