"""A task and all below it, as a tree for people."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from v6sim.cli.printing import print_whole
from v6sim.client import Client
from v6sim.views import RunView, TaskView, Ticket
from v6sim.wire.statuses import RunStatus, is_failed

_STYLES = {
    RunStatus.PENDING: "dim",
    RunStatus.INITIALIZING: "cyan",
    RunStatus.ACTIVE: "yellow",
    RunStatus.COMPLETED: "green",
}
Show = Callable[[TaskView], None]
_WIDTH = 24  # characters for the names of organizations


def render(task: TaskView, *, now: datetime | None = None) -> Tree:
    """The tree: which organization, which status, how long.

    Args:
        task: what to show.
        now: the time up to which a run that has not ended counts; default is now.
    """
    tree = Tree(_headline(task), guide_style="dim")
    moment = now or datetime.now()  # nodes write local time without a zone
    for run in task.runs:
        tree.add(_line(run, moment))
    for subtask in task.subtasks:
        tree.add(render(subtask, now=moment))
    return tree


def watch(client: Client, ticket: Ticket, console: Console, *, live: bool) -> TaskView:
    """Show a task until all of it has ended.

    Args:
        client: who asks for it.
        ticket: of the task.
        console: where to.
        live: whether the tree may be drawn over and over; else it is shown as it is at the end.
    """
    showing = _growing if live and console.is_terminal else _at_the_end
    with showing(console) as show:
        try:
            return client.watch(ticket, show, tell)
        except KeyboardInterrupt:
            show(client.look(ticket))
            raise


def tell(line: str) -> None:
    """Say what is waited for, beside the tree."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _growing(console: Console) -> Iterator[Show]:
    with Live(console=console, auto_refresh=False) as live:
        yield lambda task: live.update(render(task), refresh=True)


@contextmanager
def _at_the_end(console: Console) -> Iterator[Show]:
    """Also where the end comes by ctrl-C: then it is the state so far."""
    last: list[TaskView] = []
    try:
        yield lambda task: last.__setitem__(slice(None), [task])
    finally:
        for task in last:
            print_whole(console, render(task))


def _headline(task: TaskView) -> Text:
    text = Text(f"task {task.id} ")
    text.append(task.name or task.image, style="bold")
    return text.append("  ").append(task.status, style=_style(task.status))


def _line(run: RunView, now: datetime) -> Text:
    text = Text(f"{run.organization:<{_WIDTH}} ")
    text.append(f"{run.status:<12}", style=_style(run.status))
    if run.started:
        seconds = ((run.finished or now) - run.started).total_seconds()
        text.append(f" {max(seconds, 0):6.2f} s", style="dim")
    return text


def _style(status: str) -> str:
    for known, style in _STYLES.items():
        if status == known:
            return style
    return "red" if is_failed(status) else ""
