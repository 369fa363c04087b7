"""What algorithms print, also while they run; and all that happens, as it happens."""

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session, col, select

from v6sim.server.access.callers import NodeCaller
from v6sim.server.errors import Invalid, Refused
from v6sim.server.operations.call import Core
from v6sim.server.operations.callers import identify
from v6sim.server.store.find import find
from v6sim.server.store.tables import Organization, Run, Task
from v6sim.server.v3.answers import Json
from v6sim.server.v3.bodies import read_raw, receive
from v6sim.server.v3.requests import Key, bearer, core_of

router = APIRouter()


@router.post("/runs/{key:int}/log", status_code=204)
async def append_log(request: Request, key: Key) -> Response:
    """Take up what a run has printed just now, from its node."""
    await receive(request)
    body = read_raw(request)
    text, offset = body.get("text"), body.get("offset")
    if not isinstance(text, str):
        raise Invalid(f"'text' has to be a text, not {text!r}")
    if not isinstance(offset, int) or offset < 0:
        raise Invalid(f"'offset' has to be a number of characters, not {offset!r}")
    core = core_of(request)
    with core.store.session() as session:
        caller, run = identify(core, session, bearer(request)), find(session, Run, key)
        task = find(session, Task, run.task_id)
    here = (run.organization_id, task.collaboration_id)
    if not isinstance(caller, NodeCaller) or here != (
        caller.organization_id,
        caller.collaboration_id,
    ):
        raise Refused(f"only its own node says what run {run.id} prints")
    is_lacking = run.finished_at is None and not core.logs.append(run.id, task.id, text, offset)
    return Response(status_code=409 if is_lacking else 204)


@router.get("/tasks/{key:int}/logs")
async def get_logs(request: Request, key: Key) -> Response:
    """The runs of a task and of all below it, with what they have printed so far."""
    core = core_of(request)
    with core.store.session() as session:
        return Json([_shape(core, *row) for row in _runs(session, find(session, Task, key))])


@router.get("/events")
async def get_events(request: Request) -> Response:
    """All that happens from now on, as server-sent events."""
    return StreamingResponse(_stream(core_of(request)), media_type="text/event-stream")


async def _stream(core: Core) -> AsyncIterator[str]:
    with core.feeds.listening() as events:
        yield ": from here on\n\n"
        async for event in events:
            content = json.dumps(dataclasses.asdict(event), default=str)
            yield f"event: {type(event).__name__}\ndata: {content}\n\n"


def _runs(session: Session, task: Task) -> list[tuple[Run, str | None]]:
    """The runs of a task and of all below it, each with the name of its organization."""
    ids, found = [task.id], {task.id}
    while ids:
        below = session.exec(select(Task.id).where(col(Task.parent_id).in_(ids)))
        ids = [key for key in below if key not in found]
        found.update(ids)
    statement = (
        select(Run, Organization.name)
        .join(Organization, isouter=True)
        .where(col(Run.task_id).in_(found))
        .order_by(col(Run.id))
    )
    return [(run, name) for run, name in session.exec(statement)]


def _shape(core: Core, run: Run, organization: str | None) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "task_id": run.task_id,
        "organization": organization,
        "status": run.status,
        "finished": run.finished_at is not None,
        "log": run.log or "" if run.finished_at else core.logs.of(run.id),
    }
