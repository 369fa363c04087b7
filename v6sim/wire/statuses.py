"""Statuses of runs and tasks, as they stand on the 3.7 wire (reference: server-api, section 2)."""

from collections.abc import Sequence
from enum import StrEnum


class RunStatus(StrEnum):
    """What nodes and server call the states of one run. Nodes may store other texts too."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    START_FAILED = "start failed"
    NO_IMAGE = "non-existing Docker image"
    CRASHED = "crashed"
    KILLED = "killed by user"


UNFINISHED = frozenset({RunStatus.PENDING, RunStatus.INITIALIZING, RunStatus.ACTIVE})
UNKNOWN = "unknown"


def is_failed(status: str | None) -> bool:
    """Whether a run of this status has failed: whatever is neither under way nor completed."""
    return status not in UNFINISHED and status != RunStatus.COMPLETED


def task_status(statuses: Sequence[str | None]) -> str:
    """The status of a task, derived from those of its runs."""
    if all(status is None for status in statuses):
        return UNKNOWN
    if any(is_failed(status) for status in statuses):
        return RunStatus.FAILED
    for status in (RunStatus.ACTIVE, RunStatus.INITIALIZING, RunStatus.PENDING):
        if status in statuses:
            return status
    return RunStatus.COMPLETED
