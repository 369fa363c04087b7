"""How a task ended: its results, and the logs of what failed."""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from v6sim.views import RunView, TaskView
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.plain import plain
from v6sim.wire.printing import LONGEST
from v6sim.wire.statuses import RunStatus, is_failed

Place = tuple[TaskView, RunView]


_FOREIGN = "ForeignObject(type="


def print_results(task: TaskView, console: Console, *, hint: str = "") -> None:
    """The result of each run of a task.

    Args:
        task: the task.
        console: where to.
        hint: what is said before, if there are objects whose types v6sim does not load.
    """
    texts = [
        (run.organization, shown(run)) for run in task.runs if run.status == RunStatus.COMPLETED
    ]
    if hint and any(_FOREIGN in text for _, text in texts):
        _print(console, Text(hint))
    for organization, text in texts:
        _print(console, Text(f"{organization}: ", style="bold"), end="")
        print(text, file=console.file)  # rich would take its time with a large one


def print_failures(task: TaskView, console: Console) -> None:
    """The log of each run that failed, in the task and all below it."""
    _print_logs(console, failures(task))


def print_logs(task: TaskView, console: Console) -> None:
    """The log of each run, in the task and all below it."""
    _print_logs(console, list(runs(task)))


def row(task: TaskView) -> dict[str, Any]:
    """The whole of it, for programs; numbers that JSON has not (NaN, Infinity) are null."""
    return {
        "id": task.id,
        "name": task.name,
        "image": task.image,
        "status": task.status,
        "runs": [_run(run) for run in task.runs],
        "subtasks": [row(subtask) for subtask in task.subtasks],
    }


def failures(task: TaskView) -> list[Place]:
    """The runs that failed, in the task and all below it."""
    return [place for place in runs(task) if is_failed(place[1].status)]


def runs(task: TaskView) -> Iterator[Place]:
    """All runs, in the task and all below it."""
    return ((each, run) for each in task for run in each.runs)


def _print_logs(console: Console, places: Iterable[Place]) -> None:
    for task, run in places:
        style = "red" if is_failed(run.status) else "green"
        _print(console, Text(f"── task {task.id} at {run.organization}: {run.status} ──", style))
        print(run.log.rstrip() or "(it left no log)", end="\n\n", file=console.file)


def _print(console: Console, text: Text, end: str = "\n") -> None:
    console.print(text, end=end, soft_wrap=True)


def _run(run: RunView) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": run.id,
        "organization": run.organization,
        "status": run.status,
        "started": run.started and run.started.isoformat(),
        "finished": run.finished and run.finished.isoformat(),
        "log": run.log,
    }
    try:
        told["result"] = plain(run.result, run.limits)
    except UnreadablePayload as error:
        told["result_unreadable"] = str(error)
    return told


def shown(run: RunView, most: int = LONGEST) -> str:
    """Its result as people read it; of a long one what comes first.

    Args:
        run: the run.
        most: how many characters of it.
    """
    try:
        return str(run.print(most=most))
    except UnreadablePayload as error:
        return f"(a result that cannot be shown here: {error})"
