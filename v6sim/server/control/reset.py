"""Going back to the starting world."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from v6sim.server.events import WorldReset
from v6sim.server.operations.call import Core
from v6sim.server.v3.requests import core_of

router = APIRouter()

Hook = Callable[[], Awaitable[None]]
"""Something to do before or after a reset."""


@router.post("/reset", status_code=204)
async def post_reset(request: Request) -> Response:
    """Put everything back as it was at the start."""
    for hook in request.app.state.before_reset:
        await hook()
    reset(core_of(request))
    for hook in request.app.state.after_reset:
        await hook()
    return Response(status_code=204)


def reset(core: Core) -> None:
    """Put everything back as it was at the start."""
    core.store.restore(core.start)
    core.clock.reset()
    core.outbox.clear()
    core.records.clear()
    core.journal.clear()
    core.event_journal.clear()
    core.faults.clear()
    core.events.publish(WorldReset())
