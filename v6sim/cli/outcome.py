"""How a task ended: its results, and the logs of what failed."""

import json
from typing import Any

from rich.console import Console
from rich.text import Text

from v6sim.client import RunView, TaskView
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.plain import plain
from v6sim.wire.statuses import is_failed


def print_results(task: TaskView, console: Console) -> None:
    """The result of each run of a task."""
    for run in task.runs:
        if not is_failed(run.status):
            console.print(Text(f"{run.organization}: ", style="bold").append(_shown(run), style=""))


def print_failures(task: TaskView, console: Console) -> None:
    """The log of each run that failed, in the task and all below it."""
    for each in task:
        for run in each.runs:
            if is_failed(run.status):
                where = f"task {each.id} at {run.organization}: {run.status}"
                console.rule(Text(where, style="red"), align="left", style="red")
                console.print(Text(run.log.rstrip() or "(it left no log)"), soft_wrap=True)
    if not task.is_good:
        console.rule(style="red")


def as_json(task: TaskView) -> str:
    """The whole of it, for programs."""
    return json.dumps({"task": _task(task)}, indent=2)


def _task(task: TaskView) -> dict[str, Any]:
    return {
        "id": task.id,
        "name": task.name,
        "image": task.image,
        "status": task.status,
        "runs": [_run(run) for run in task.runs],
        "subtasks": [_task(subtask) for subtask in task.subtasks],
    }


def _run(run: RunView) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": run.id,
        "organization": run.organization,
        "status": run.status,
        "started": run.started and run.started.isoformat(),
        "finished": run.finished and run.finished.isoformat(),
        "log": run.log,
    }
    try:
        row["result"] = plain(run.result)
    except UnreadablePayload as error:
        row["result_unreadable"] = str(error)
    return row


def _shown(run: RunView) -> str:
    try:
        return str(run.result)
    except UnreadablePayload as error:
        return f"(a result that cannot be shown here: {error})"
