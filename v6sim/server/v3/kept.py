"""Answering a list that is asked for again, while nothing has changed, with the same bytes."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from v6sim.server.access.callers import Caller
from v6sim.server.operations.callers import note_seen
from v6sim.server.v3.requests import core_of, is_rehearsal

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_LARGEST = 200_000  # bytes of an answer that is kept


@dataclass(frozen=True)
class KeptAnswer:
    """An answer, who got it, and until when their token is good (seconds since 1970)."""

    caller: Caller
    expires: float | None
    headers: dict[str, str]
    body: bytes


class KeptRoute(APIRoute):
    """A route whose lists are kept; not for lists in which it shows when somebody was last seen."""

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        handler = super().get_route_handler()
        if self.methods != {"GET"}:
            return handler

        async def answer(request: Request) -> Response:
            if is_rehearsal(request):
                return await handler(request)
            core = core_of(request)
            key = (request.headers.get("authorization"), request.url.path, request.url.query)
            kept = core.answers.look(key)
            if kept and (kept.expires is None or kept.expires > core.clock.now().timestamp()):
                request.state.caller = kept.caller
                note_seen(core, kept.caller)
                return Response(kept.body, 200, kept.headers)
            revision = core.answers.revision()
            response = await handler(request)
            if "total-count" in response.headers and len(response.body) <= _LARGEST:
                caller, expires = request.state.caller, request.state.expires
                headers = dict(response.headers)
                kept = KeptAnswer(caller, expires, headers, bytes(response.body))
                core.answers.keep(key, kept, revision)
            return response

        return answer
