"""What algorithms print, also while they run; and all that happens, as it happens."""

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session, col, select

from v6sim.server.operations.call import Core
from v6sim.server.store.find import find
from v6sim.server.store.tables import Organization, Run, Task
from v6sim.server.store.texts import defer_texts, text_of
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import Key, core_of

router = APIRouter()


@router.get("/tasks/{key:int}/logs")
async def get_logs(request: Request, key: Key) -> Response:
    """The runs of a task and of all below it, with what they have printed so far."""
    core = core_of(request)
    with core.store.session() as session:
        rows = _runs(session, find(session, Task, key))
        return Json([_shape(core, session, *row) for row in rows])


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
        .options(*defer_texts("input", "result"))
        .join(Organization, isouter=True)
        .where(col(Run.task_id).in_(found))
        .order_by(col(Run.id))
    )
    return [(run, name) for run, name in session.exec(statement)]


def _shape(core: Core, session: Session, run: Run, organization: str | None) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "task_id": run.task_id,
        "organization": organization,
        "status": run.status,
        "finished": run.finished_at is not None,
        "log": text_of(session, run, "log") if run.finished_at else core.logs.of(run.id),
    }
