"""Methods that every route answers beside its own (reference: server-api, section 1.1)."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST = 2000  # characters of a path
LONGEST_QUERY = 8000
"""Characters of a query: `Link` of a page repeats it five times, and clients read 64 KiB of it."""

log = logging.getLogger(__name__)

Methods = Sequence[tuple[re.Pattern[str], set[str]]]
"""Which paths take which methods."""


def allowed(methods: Methods, path: str) -> list[str]:
    """The methods that some route takes at a path; none if there is nothing there."""
    found = {method for pattern, some in methods if pattern.match(path) for method in some}
    if not found:
        return []
    return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


class AnyMethod:
    """Answers HEAD as GET without a body, and OPTIONS.

    Args:
        app: what answers the other methods.
        methods: the paths that exist, and what they take.
    """

    def __init__(self, app: ASGIApp, methods: Methods) -> None:
        self._app = app
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer: ASGIApp = self._app
        if scope["type"] == "http":
            answer = self._own_answer(scope) or self._pass_on
        await answer(scope, receive, send)

    def _own_answer(self, scope: Scope) -> Response | None:
        """The answer to what needs no route."""
        path: str = scope["path"]
        if len(path) > _LONGEST or len(scope["query_string"]) > LONGEST_QUERY:
            return Response(status_code=414)
        if plain := self._plain(path):
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{plain}?{query}" if query else plain, 308)
        if scope["method"] == "OPTIONS" and (here := allowed(self._methods, path)):
            return Response(headers={"allow": ", ".join(here)}, media_type="text/html")
        return None

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: dict[str, Any] = scope.setdefault("state", {})
        scope = {**scope, "state": state}
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
        answered = False

        async def send_with_reasons(message: Message) -> None:
            nonlocal answered
            answered = True
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_reasons(state)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_reasons)
        except ClientDisconnect:
            log.info("%s %s: the client went away", scope["method"], scope["path"])
        except Exception:  # it is logged already
            if not answered:
                raise

    def _plain(self, path: str) -> str:
        """The same path without doubled slashes, if there is something; else nothing."""
        plain = re.sub("/{2,}", "/", path)
        return plain if plain != path and allowed(self._methods, plain) else ""


def _reasons(state: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """Where it says why the answer is as it is: the last decision that was taken for it."""
    if not (records := state.get("records")):
        return []
    return [(b"x-v6sim-decision", f"/_v6sim/decisions/{records[-1].id}".encode())]
