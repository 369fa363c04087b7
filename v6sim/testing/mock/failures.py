"""What is raised where an algorithm has failed."""

import builtins
import re

from v6sim.sandbox import AlgorithmFailed
from v6sim.sandbox.tasks import TaskResult
from v6sim.wire.statuses import is_failed

_RAISED = re.compile(r"^([A-Z]\w+)(?::|$)", re.MULTILINE)
"""The line of a traceback that says what was raised."""


def failure(outcome: TaskResult) -> AlgorithmFailed:
    """The error for a task that has failed: also one of the built-in kind that its log shows.

    Tests that expect an algorithm's ValueError expect it of the genuine mock too, which lets pass
    what the algorithm raises.
    """
    for run in outcome.task.runs:
        kind = _kind(run.log) if is_failed(run.status) else None
        if kind is not None:
            parts = {"__str__": _text, "__doc__": AlgorithmFailed.__doc__}
            both: type[AlgorithmFailed] = type("AlgorithmFailed", (AlgorithmFailed, kind), parts)
            return both(outcome)
    return AlgorithmFailed(outcome)


def _kind(log: str) -> type[Exception] | None:
    """The built-in error that the last traceback of a log ends with, if that is simple to make."""
    _, traceback, tail = log.rpartition("Traceback (most recent call last):")
    found = _RAISED.search(tail) if traceback else None
    kind = getattr(builtins, found[1], None) if found else None
    if not isinstance(kind, type) or not issubclass(kind, Exception):
        return None
    return None if issubclass(kind, OSError | UnicodeError) else kind


def _text(self: AlgorithmFailed) -> str:
    """A KeyError would show its text quoted."""
    return str(self.args[0])
