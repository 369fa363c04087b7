"""The server's data as they were, by name."""

from fastapi import APIRouter, Request, Response

from v6sim.server.errors import NotFound
from v6sim.server.events import WorldReset
from v6sim.server.operations.call import Core
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import Name, core_of

router = APIRouter()


@router.get("/snapshots")
async def list_snapshots(request: Request) -> Response:
    """The names of all, the oldest first."""
    return Json(list(core_of(request).snapshots))


@router.put("/snapshots/{name:path}", status_code=204)
async def put_snapshot(request: Request, name: Name) -> Response:
    """Remember the data as they are now; what had that name before is forgotten."""
    core = core_of(request)
    core.snapshots[name] = core.store.snapshot()
    return Response(status_code=204)


@router.post("/snapshots/{name:path}", status_code=204)
async def post_snapshot(request: Request, name: Name) -> Response:
    """Drop what runs, and put the data back as they were."""
    core = core_of(request)
    if name not in core.snapshots:
        raise NotFound("snapshot", name)
    for hook in request.app.state.before_reset:
        await hook()
    restore(core, name)
    return Response(status_code=204)


def restore(core: Core, name: str) -> None:
    """Put the data back as they were."""
    core.store.restore(core.snapshots[name])
    core.events.publish(WorldReset())
