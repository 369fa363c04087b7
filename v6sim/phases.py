"""The phases that runs go through, and the lines of a trace that show them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Phase:
    """A part of a run's life: from when to when it lasts, by the fields of a trace."""

    name: str
    begin: str
    end: str
    sign: str
    color: str


PHASES = (
    Phase("waiting", "assigned", "taken", "·", "#cfd8dc"),
    Phase("starting", "taken", "running", "-", "#80cbc4"),
    Phase("running", "running", "reporting", "#", "#ffb74d"),
    Phase("reporting", "reporting", "ended", "=", "#7986cb"),
)


@dataclass(frozen=True)
class Row:
    """One line: a task, or a run of it.

    Args:
        depth: how deep it stands below the first task.
        label: its name for people.
        run: the run as the trace has it; None for a task.
        task: the task as the trace has it, or that of the run.
    """

    depth: int
    label: str
    task: dict[str, Any]
    run: dict[str, Any] | None = None

    @property
    def spans(self) -> list[tuple[Phase, float, float]]:
        """The phases that the run has gone through."""
        return self.spans_until(None)

    def spans_until(self, now: float | None) -> list[tuple[Phase, float, float]]:
        """The phases, the one that it is in too.

        Args:
            now: where the one that has not ended ends for the time being; None leaves it out.
        """
        if self.run is None:
            return []
        found = []
        for phase in PHASES:
            begin, end = self.run[phase.begin], self.run[phase.end]
            if begin is not None and end is None and self.run["ended"] is None:
                end = now
            if begin is not None and end is not None:
                found.append((phase, begin, max(begin, end)))
        return found


def length(trace: dict[str, Any]) -> float:
    """How long all of it took, in seconds."""
    ends = [row.run[name] for row in rows_of(trace) if row.run for name in ("assigned", "ended")]
    return max((end for end in ends if end is not None), default=0.0)


def rows_of(trace: dict[str, Any], depth: int = 0) -> Iterator[Row]:
    """The lines of a trace: each task, its runs, and all tasks below it."""
    name = trace["name"] or trace["image"] or ""
    yield Row(depth, f"task {trace['task_id']} {name}".rstrip(), trace)
    for run in trace["runs"]:
        yield Row(depth + 1, str(run["organization"]), trace, run)
    for subtask in trace["subtasks"]:
        yield from rows_of(subtask, depth + 1)
