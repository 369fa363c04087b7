"""Where the time of a task went: its runs and those of all below it, on one time line."""

import json
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from v6sim.server import journal
from v6sim.server.operations.call import Core
from v6sim.server.operations.nodes import of_run
from v6sim.server.store.find import find
from v6sim.server.store.tables import Organization, Run, Task
from v6sim.server.store.texts import defer_texts
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import Key, core_of
from v6sim.wire.statuses import RunStatus

router = APIRouter()


@router.get("/tasks/{key:int}/trace")
async def get_trace(request: Request, key: Key) -> Response:
    """The tree of a task; all times in seconds since it was made."""
    core = core_of(request)
    with core.store.session() as session:
        return Json(trace_of(core, session, find(session, Task, key)))


def trace_of(core: Core, session: Session, task: Task, most: int | None = None) -> dict[str, Any]:
    """The tree of a task; all times, also that of now, in seconds since it was made.

    Args:
        core: the server's shared parts.
        session: the database.
        task: the task at the top.
        most: how many tasks below it are wanted; None for all.
    """
    runs = _runs_of(session, task)
    begun = min((run.assigned_at for run in runs if run.assigned_at), default=core.clock.utc())
    tracer = _Tracer(core, session, begun.replace(tzinfo=UTC), most)
    now = (core.clock.utc() - begun).total_seconds()
    return {**tracer.task(task), "now": now}


class _Tracer:
    """Puts together what the database and the journal know.

    Args:
        core: the server's shared parts.
        session: the database.
        begun: the moment from which times count.
        most: how many tasks below the first one are wanted; None for all.
    """

    def __init__(self, core: Core, session: Session, begun: datetime, most: int | None) -> None:
        self._session, self._begun, self._left = session, begun, most
        self._nodes: dict[tuple[int | None, int | None], Any] = {}
        self._reports: dict[str, list[journal.Request]] = {}
        for each in core.journal.requests(method="PATCH", path="/result/*", by="node"):
            self._reports.setdefault(each.path, []).append(each)
        self._asked = core.journal.requests(by="container")

    def task(self, task: Task) -> dict[str, Any]:
        """A task with its runs and all below it."""
        below = select(Task).where(Task.parent_id == task.id).order_by(col(Task.id))
        below = below.limit(self._left)
        found = list(self._session.exec(below))
        if self._left is not None:
            self._left -= len(found)
        return {
            "task_id": task.id,
            "name": task.name,
            "image": task.image,
            "runs": [self._run(task, run) for run in _runs_of(self._session, task)],
            "subtasks": [self.task(each) for each in found],
        }

    def _run(self, task: Task, run: Run) -> dict[str, Any]:
        organization = self._session.get(Organization, run.organization_id)
        node = self._node(run.organization_id, task.collaboration_id)
        reports = self._reports.get(f"/result/{run.id}", [])
        active = next((each for each in reports if _status_in(each) == RunStatus.ACTIVE), None)
        last = reports[-1] if reports and run.finished_at else None
        return {
            "run_id": run.id,
            "organization": organization.name if organization else None,
            "status": run.status,
            "assigned": self._seconds(run.assigned_at and run.assigned_at.replace(tzinfo=UTC)),
            "taken": self._seconds(reports[0].at if reports else None),
            "running": self._seconds(active.at if active else None),
            "reporting": self._seconds(last.at if last else None),
            "ended": last and self._offset(last.at) + last.seconds,
            "requests": [
                {
                    "at": self._offset(each.at),
                    "seconds": each.seconds,
                    "what": f"{each.method} {each.path}",
                    "status": each.status,
                }
                for each in self._asked
                if node and each.task_id == task.id and each.caller_id == node.id
            ],
        }

    def _node(self, organization_id: int | None, collaboration_id: int | None) -> Any:
        where = (organization_id, collaboration_id)
        if where not in self._nodes:
            self._nodes[where] = of_run(self._session, *where)
        return self._nodes[where]

    def _seconds(self, moment: datetime | None) -> float | None:
        return None if moment is None else self._offset(moment)

    def _offset(self, moment: datetime) -> float:
        return max((moment - self._begun).total_seconds(), 0.0)


def _runs_of(session: Session, task: Task) -> list[Run]:
    """The runs of a task, without what they worked on, which may be large."""
    of_task = select(Run).where(Run.task_id == task.id).order_by(col(Run.id))
    return list(session.exec(of_task.options(*defer_texts())))


def _status_in(request: journal.Request) -> str | None:
    """The status that a report told; of a long one, which is not kept whole, none."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return body.get("status") if isinstance(body, dict) else None
