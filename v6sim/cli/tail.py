"""`v6sim logs`: what the algorithms of a task print, also while they run."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v6sim.cli import control, failures, options
from v6sim.cli.failures import Mistake

if TYPE_CHECKING:
    from v6sim.control_client import ControlClient

_BEGUN = ""
_CHANGES = {_BEGUN, "TaskCreated", "TaskDeleted", "RunUpdated", "WorldReset"}


def logs(
    task: Annotated[int, typer.Argument(help="Id of the task; its subtasks are shown too.")],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the task and all below it end.")
    ] = False,
    server: options.Server = "http://127.0.0.1:5000",
    token_file: options.TokenFile = None,
) -> None:
    """Print what the algorithms of a task have printed; with --follow, as they do so.

    The exit code is 1 if a run has failed.
    """
    with failures.clear_failures():
        with control.at(server, token_file) as client:
            tail = _Tail(client, task)
            if follow:
                tail.follow()
            else:
                tail.look()
            tail.end()
        raise typer.Exit(1 if tail.has_failed else 0)


class _Tail:
    """Prints what has not been printed yet of the logs of a task.

    Args:
        client: asks the server.
        task_id: the task.
    """

    def __init__(self, client: "ControlClient", task_id: int) -> None:
        self._client, self._task_id = client, task_id
        self._lines: dict[int, _Lines] = {}
        self.has_failed = self.has_ended = False

    def look(self) -> None:
        """Print what there is by now."""
        from v6sim.wire.statuses import is_failed

        rows = self._client.ask("GET", f"tasks/{self._task_id}/logs")
        for row in rows:
            self._lines_of(row).add(0, row["log"])
        self.has_failed = any(is_failed(row["status"] or "") for row in rows)
        self.has_ended = all(row["finished"] for row in rows)

    def follow(self) -> None:
        """Print what there is and what is added, until all runs have ended."""
        with self._client.stream("events") as lines:
            for name, content in _events(lines):
                if name in _CHANGES:
                    self.look()
                elif name == "RunLogged" and content["run_id"] in self._lines:
                    self._lines[content["run_id"]].add(content["offset"], content["text"])
                if self.has_ended:
                    return
        raise Mistake("the server stopped before the task came to its end")

    def end(self) -> None:
        """Print the last lines, also those without an end."""
        for lines in self._lines.values():
            lines.end()

    def _lines_of(self, row: dict[str, Any]) -> "_Lines":
        if row["run_id"] not in self._lines:
            self._lines[row["run_id"]] = _Lines(f"task {row['task_id']} {row['organization']}")
        return self._lines[row["run_id"]]


class _Lines:
    """Prints the log of one run line by line.

    Args:
        name: what each line begins with.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen, self._rest = 0, ""

    def add(self, offset: int, text: str) -> None:
        """Print what is new of a piece of the log that begins at `offset`."""
        new = text[max(self._seen - offset, 0) :]
        self._seen = max(self._seen, offset + len(text))
        *whole, self._rest = (self._rest + new).split("\n")
        for line in whole:
            typer.echo(f"{self._name} | {line}")

    def end(self) -> None:
        """Print what has no end of line."""
        if self._rest:
            typer.echo(f"{self._name} | {self._rest}")


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """The events of a stream; the first one says that it has begun."""
    name = ""
    for line in lines:
        kind, _, value = line.partition(": ")
        if not kind:
            yield _BEGUN, None
        elif kind == "event":
            name = value
        elif kind == "data":
            yield name, json.loads(value)
