"""Finding tasks by their status, which is derived from that of their results."""

from typing import Any

from sqlalchemy import and_, exists, false, not_
from sqlmodel import col, select

from v6sim.server.store.tables import Run, Task
from v6sim.wire.statuses import UNFINISHED, UNKNOWN, RunStatus

_ORDER = (RunStatus.ACTIVE, RunStatus.INITIALIZING, RunStatus.PENDING)


def has_status(statement: Any, values: list[str]) -> Any:
    """Those tasks that have the status; the rules are those of `wire.statuses.task_status`."""
    return statement.where(_condition(values[0]))


def _condition(status: str) -> Any:
    known, failed = _has(col(Run.status).is_not(None)), _has(_failed())
    if status == UNKNOWN:
        return not_(known)
    if status == RunStatus.FAILED:
        return and_(known, failed)
    good = and_(known, not_(failed))
    if status == RunStatus.COMPLETED:
        return and_(good, *(not_(_has(Run.status == earlier)) for earlier in _ORDER))
    if status in _ORDER:
        before = _ORDER[: _ORDER.index(RunStatus(status))]
        return and_(
            good, _has(Run.status == status), *(not_(_has(Run.status == one)) for one in before)
        )
    return false()


def _failed() -> Any:
    fine = [*UNFINISHED, RunStatus.COMPLETED]
    return col(Run.status).is_(None) | col(Run.status).not_in(fine)


def _has(condition: Any) -> Any:
    return exists(select(Run.id).where(col(Run.task_id) == Task.id, condition))
