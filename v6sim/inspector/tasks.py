"""Tasks as trees, and one of them on its time line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col
from starlette.responses import Response

from v6sim.inspector.asks import Ask
from v6sim.inspector.rendering import seconds
from v6sim.inspector.seen import RunFacts, Seen
from v6sim.phases import length, rows_of
from v6sim.server.control.trace import trace_of
from v6sim.server.store.tables import Task
from v6sim.wire.statuses import task_status

_PAGE = 25  # trees on a page
_TASKS = 500  # tasks below those
_DRAWN = 100  # tasks below one on its time line
_WIDE = 1000  # units of a time line


@dataclass
class Branch:
    """A task with its runs, and those below it."""

    task: Task
    runs: list[RunFacts]
    below: list["Branch"] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Derived from those of its runs."""
        return task_status([run.status for run in self.runs])

    @property
    def ended(self) -> int:
        """How many of its runs have."""
        return sum(not run.is_open for run in self.runs)

    @property
    def size(self) -> int:
        """How many tasks there are below it, at all depths."""
        return sum(1 + branch.size for branch in self.below)

    @property
    def took(self) -> float | None:
        """Seconds from the first start to the last end; None if it is under way."""
        begins = [run.started_at for run in self.runs if run.started_at]
        ends = [run.finished_at for run in self.runs if run.finished_at]
        if not begins or len(ends) < len(self.runs):
            return None
        return max((max(ends) - min(begins)).total_seconds(), 0.0)


def show_all(ask: Ask) -> Response:
    """The trees of all tasks, the newest first; `?before=` a number shows older ones."""
    before = ask.query("before")
    older = [col(Task.id) < int(before)] if before.isdecimal() and len(before) < 10 else []
    with ask.seeing() as seen:
        roots = seen.tasks(col(Task.parent_id).is_(None), *older, most=_PAGE + 1)
        shown = roots[:_PAGE]
        return ask.page(
            "tasks", branches=_grow(seen, shown), organizations=seen.organizations(),
            collaborations=seen.collaborations(), is_older=bool(older),
            before=shown[-1].id if len(roots) > _PAGE else None,
        )  # fmt: skip


def show(ask: Ask) -> Response:
    """One task: its tree on a time line, and its runs."""
    with ask.seeing() as seen:
        task = seen.task(ask.number("key"))
        [branch] = _grow(seen, [task])
        trace = trace_of(ask.core, seen.session, task, _DRAWN)
        return ask.page(
            "task", branch=branch, organizations=seen.organizations(),
            collaborations=seen.collaborations(), users={row.id: row for row in seen.users()},
            is_line_cut=branch.size > _DRAWN,
            line=_time_line(trace, _facts(branch), with_requests=ask.visitor.sees_all),
        )  # fmt: skip


def _grow(seen: Seen, roots: list[Task]) -> list[Branch]:
    below = seen.below(roots, _TASKS)
    runs = seen.runs_of([task.id for task in (*roots, *below)])
    branches = {task.id: Branch(task, runs[task.id]) for task in (*roots, *below)}
    for task in below:
        if task.parent_id in branches:
            branches[task.parent_id].below.append(branches[task.id])
    return [branches[task.id] for task in roots]


@dataclass(frozen=True)
class TimeLine:
    """A trace as it is drawn.

    Args:
        length: how long all of it took so far, in seconds.
        ticks: texts along the line, each with its place.
        rows: tasks and runs.
    """

    length: float
    ticks: list[tuple[float, str]]
    rows: list[Mapping[str, Any]]


def _facts(branch: Branch) -> dict[int, RunFacts]:
    """The runs of a tree that the visitor sees, by id."""
    found = {run.id: run for run in branch.runs}
    for below in branch.below:
        found |= _facts(below)
    return found


def _time_line(
    trace: dict[str, Any], seen: Mapping[int, RunFacts], *, with_requests: bool
) -> TimeLine:
    now = trace["now"] if any(run.is_open for run in seen.values()) else None
    total = max(length(trace), now or 0.0, 0.001)
    ticks = [(_WIDE * part / 4, seconds(total * part / 4)) for part in range(5)]
    rows: list[Mapping[str, Any]] = [
        {
            "depth": row.depth,
            "task": row.task,
            "run": seen[row.run["run_id"]] if row.run else None,
            "bars": [
                _bar(phase.name, begin, end, total) for phase, begin, end in row.spans_until(now)
            ],
            "requests": _requests(row.run, total) if row.run and with_requests else [],
        }
        for row in rows_of(trace)
        if row.run is None or row.run["run_id"] in seen
    ]
    return TimeLine(total, ticks, rows)


def _requests(run: dict[str, Any], total: float) -> list[Mapping[str, Any]]:
    """What the algorithm of a run asked its node for."""
    return [
        _bar(f"{each['what']}: {each['status']}", each["at"], each["at"] + each["seconds"], total)
        for each in run["requests"]
    ]


def _bar(name: str, begin: float, end: float, total: float) -> Mapping[str, Any]:
    x = min(_WIDE * begin / total, _WIDE - 2)
    return {
        "name": name,
        "x": round(x, 1),
        "width": round(max(min(_WIDE * end / total, _WIDE) - x, 2), 1),
        "text": f"{name} {seconds(end - begin)}",
    }
