"""`v6sim trace`: where the time of a task went."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v6sim.cli import control, failures, options
from v6sim.cli.failures import Mistake
from v6sim.runtime.atomic_file import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable

_SUFFIXES = (".html", ".svg", ".json", ".txt")


def trace(
    task: Annotated[int, typer.Argument(help="Id of the task; its subtasks are shown too.")],
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write it: a page (.html), a picture (.svg), JSON (.json) or text (.txt).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    server: options.Server = "http://127.0.0.1:5000",
    token_file: options.TokenFile = None,
) -> None:
    """Print the runs of a task and of all below it on one time line."""
    with failures.clear_failures():
        if to is not None:
            check_file(to)
        with control.at(server, token_file) as client:
            seen = client.ask("GET", f"tasks/{task}/trace")
        if to is not None:
            write(seen, to)
        elif as_json:
            typer.echo(json.dumps(seen, indent=2))
        else:
            _print(seen)


def _print(seen: dict[str, Any]) -> None:
    from rich.console import Console

    from v6sim.cli import timeline
    from v6sim.cli.printing import print_lines, print_wrapped

    console = Console()
    if not console.is_terminal:
        print_lines(console, timeline.text(seen))
        return
    for line in timeline.text(seen, console.width):
        if len(line) <= console.width:  # a time line has spaces that matter
            print_lines(console, (line,))
        else:
            print_wrapped(console, line)


def check_file(path: Path) -> None:
    """Make sure, before anything is done, that a trace can be written there."""
    if path.suffix not in _SUFFIXES:
        raise Mistake(
            f"{path}: the name of a page (.html), a picture (.svg), a JSON file (.json) or a text "
            "(.txt) is expected"
        )
    if not path.parent.is_dir():
        raise Mistake(f"{path}: there is no folder {path.parent}")


def write(seen: dict[str, Any], path: Path) -> None:
    """Write a trace as the name of the file says: a page, a picture, JSON or text."""
    from v6sim.cli import timeline

    writers: dict[str, Callable[[Any], str]] = {
        ".html": timeline.page,
        ".svg": timeline.picture,
        ".json": lambda trace: json.dumps(trace, indent=2),
        ".txt": lambda trace: "".join(f"{line}\n" for line in timeline.text(trace)),
    }
    write_atomically(path, writers[path.suffix](seen).encode())
    typer.echo(f"{path} is written")
