"""Methods that every route answers beside its own (reference: server-api, section 1.1)."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

Methods = Sequence[tuple[re.Pattern[str], set[str]]]
"""Which paths take which methods."""

_EVERY = b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


def allowed(methods: Methods, path: str) -> list[str]:
    """The methods that some route takes at a path; none if there is nothing there."""
    found = {method for pattern, some in methods if pattern.match(path) for method in some}
    if not found:
        return []
    return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


class AnyMethod:
    """Answers HEAD as GET without a body, and OPTIONS; lets web pages from anywhere call.

    Args:
        app: what answers the other methods.
        methods: the paths that exist, and what they take.
    """

    def __init__(self, app: ASGIApp, methods: Methods) -> None:
        self._app = app
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if plain := self._plain(scope["path"]):
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{plain}?{query}" if query else plain, 308)(
                scope, receive, send
            )
            return
        if scope["method"] == "OPTIONS" and (here := allowed(self._methods, scope["path"])):
            await _answer_options(headers, here, send)
            return
        state = dict(scope.get("state") or {})
        scope = {**scope, "state": state}
        if scope["method"] == "HEAD":
            scope["method"] = "GET"

        answered = False

        async def send_open(message: Message) -> None:
            nonlocal answered
            answered = True
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_opening(origin), *_reasons(state)]
            await send(message)

        try:
            await self._app(scope, receive, send_open)
        except ClientDisconnect:
            log.info("%s %s: the client went away", scope["method"], scope["path"])
        except Exception:  # it is logged already
            if not answered:
                raise

    def _plain(self, path: str) -> str:
        """The same path without doubled slashes, if there is something; else nothing."""
        plain = re.sub("/{2,}", "/", path)
        return plain if plain != path and allowed(self._methods, plain) else ""


def _opening(origin: bytes | None) -> list[tuple[bytes, bytes]]:
    """Headers that let a web page read the answer."""
    opening = [(b"access-control-allow-origin", origin or b"*")]
    return [*opening, (b"vary", b"Origin")] if origin else opening


def _reasons(state: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """Where it says why the answer is as it is: the last decision that was taken for it."""
    if not (records := state.get("records")):
        return []
    return [(b"x-v6sim-decision", f"/_v6sim/decisions/{records[-1].id}".encode())]


async def _answer_options(headers: dict[bytes, bytes], here: Sequence[str], send: Send) -> None:
    answer = [
        *_opening(headers.get(b"origin")),
        (b"allow", ", ".join(here).encode()),
        (b"content-length", b"0"),
        (b"content-type", b"text/html; charset=utf-8"),
    ]
    if b"access-control-request-method" in headers:
        wanted = headers.get(b"access-control-request-headers", b"")
        answer += [
            (b"access-control-allow-methods", _EVERY),
            (b"access-control-allow-headers", wanted),
        ]
    await send({"type": "http.response.start", "status": 200, "headers": answer})
    await send({"type": "http.response.body", "body": b""})
