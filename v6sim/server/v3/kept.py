"""Answering a list that is asked for again, while nothing has changed, with the same bytes."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from v6sim.server.access.callers import Caller
from v6sim.server.errors import ServerError
from v6sim.server.operations.callers import note_seen
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import core_of, is_rehearsal, signed_in

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_LARGEST = 200_000  # bytes of an answer that is kept


@dataclass(frozen=True)
class KeptAnswer:
    """An answer, and who got it."""

    caller: Caller
    headers: dict[str, str]
    body: bytes


class KeptRoute(APIRoute):
    """A route whose lists are kept.

    One that shows when somebody was last seen is not: it writes that down as it is made.
    """

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        handler = super().get_route_handler()
        if self.methods != {"GET"} or self.path.endswith("}"):  # which is a single thing
            return handler

        async def answer(request: Request) -> Response:
            if is_rehearsal(request):
                return await handler(request)
            core = core_of(request)
            caller = _caller(request)
            if caller is None:
                return await handler(request)
            key = (caller.kind, caller.id, request.url.path, request.url.query)
            kept = core.answers.look(key)
            if kept and kept.caller == caller:
                note_seen(core, caller)
                return Response(kept.body, 200, kept.headers)
            with core.answers.keeping(key) as values:
                response = await handler(request)
                is_list = "total-count" in response.headers
                is_whole = isinstance(response, Json) and response.is_whole
                if is_list and is_whole and len(response.body) <= _LARGEST:
                    values.append(KeptAnswer(caller, dict(response.headers), bytes(response.body)))
            return response

        return answer


def _caller(request: Request) -> Caller | None:
    """Who calls; None if that is not to be found out: the route itself says why."""
    try:
        with core_of(request).store.session() as session:
            return signed_in(request, session)
    except ServerError:
        return None
