"""`v6sim egress`: what left the organizations; and what `v6sim run` says of it at its end."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v6sim.cli import control, failures, options
from v6sim.cli.failures import Mistake

if TYPE_CHECKING:
    from v6sim.egress.inspection import Inspection

FOUND = 3
"""The exit code of `v6sim run --egress-fail` when the task is good, but something was found."""

_WIDTH = 32  # characters of a content in the table
_WIDE = 100  # columns of a terminal from where on there is hope for a table
_COLUMNS = ("#", "organization", "task", "what", "to", "when", "bytes", "findings", "content")
_NUMBERS = ("#", "task", "bytes", "findings")

Fail = Annotated[
    bool,
    typer.Option("--egress-fail", help="Exit with 3 if checks find something in what left."),
]
MinCount = Annotated[
    int | None,
    typer.Option(
        "--egress-min-count", metavar="N", min=0, help="Counts below it are found; default 5."
    ),
]


def egress(
    task: Annotated[
        int | None, typer.Argument(help="Only what left because of this task or one below it.")
    ] = None,
    server: Annotated[
        str, typer.Option(help="The running v6sim to ask.")
    ] = "http://127.0.0.1:5000",
    token_file: options.TokenFile = None,
    file: Annotated[
        Path | None, typer.Option(help="Read what `v6sim node --egress FILE` wrote instead.")
    ] = None,
    min_count: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Counts below it are found; default 5.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show contents whole.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what left each organization: what, to whom, when, and what the checks find in it."""
    with failures.clear_failures():
        if file is None:
            asked = {"task": task, "min_count": min_count, "full": int(full)}
            with control.at(server, token_file) as client:
                rows = client.ask("GET", "egress", query=asked)
        else:
            rows = _read(file, task, min_count, full=full)
        if as_json:
            typer.echo(json.dumps(rows, indent=2))
        else:
            _print(rows, full=full)


def conclude(inspections: "Sequence[Inspection]", *, min_count: int | None, details: bool) -> bool:
    """Say at the end of a run what left, on stderr; whether the checks found something.

    Args:
        inspections: what left.
        min_count: counts below it are found; None for the default.
        details: whether to name each finding.
    """
    from v6sim.egress.inspection import within
    from v6sim.egress.listing import SECONDS

    if min_count is not None:
        inspections = [
            replace(each, limits=replace(each.limits, min_count=min_count)) for each in inspections
        ]
    rows = [each.row() for each in within(inspections, SECONDS)]
    lines = [*_findings(rows), *_unchecked(rows)] if details else []
    _say([f"egress: {_harmless(line)}" for line in (*lines, *_summary(rows, details=details))])
    return any(row["findings"] for row in rows)


def _say(lines: Sequence[str]) -> None:
    """Show lines on stderr, within the width of a terminal."""
    if not sys.stderr.isatty():
        typer.echo("\n".join(lines), err=True)
        return
    from rich.console import Console

    from v6sim.cli.printing import print_wrapped

    console = Console(stderr=True)
    for line in lines:
        print_wrapped(console, line)


def _read(file: Path, task: int | None, min_count: int | None, *, full: bool) -> Any:
    from v6sim.egress import kept
    from v6sim.egress.inspection import inspect

    try:
        ledger, names = kept.read(file)
    except kept.UnreadableFile as error:
        raise Mistake(str(error)) from None
    return [each.row(full=full) for each in inspect(ledger, names, task, min_count)]


def _print(rows: list[dict[str, Any]], *, full: bool) -> None:
    from rich.console import Console

    from v6sim.cli.printing import print_table, print_wrapped

    console = Console()
    if full:
        for row in rows:
            console.rule(f"#{row['number']} {_what(row)}", align="left", style="dim")
            console.print(_shown(row), markup=False, highlight=False, soft_wrap=True)
    elif rows:
        room = _WIDTH if console.width >= _WIDE else console.width - 4
        print_table(
            console, _COLUMNS, (_cells(row, room) for row in rows), numbers=_NUMBERS,
            narrow=lambda cells: _paragraph(cells, console.width),
        )  # fmt: skip
    for line in (*_findings(rows), *_unchecked(rows), *_summary(rows, details=True)):
        print_wrapped(console, _harmless(line))


def _cells(row: dict[str, Any], room: int | None) -> list[str]:
    """What the table shows of an entry."""
    at = datetime.fromisoformat(row["at"]).astimezone()
    cells = (
        row["number"], row["organization"], "-" if row["task"] is None else row["task"],
        _kind(row), ", ".join(row["to"]), f"{at:%H:%M:%S}", row["bytes"],
        len(row["findings"]) or "-", _short(row, room),
    )  # fmt: skip
    return [_harmless(str(cell)) for cell in cells]


def _short(row: dict[str, Any], room: int | None) -> str:
    """The beginning of the content, on one line."""
    text = " ".join(_shown(row).split())
    return text if room is None or len(text) <= room else f"{text[: room - 3]}..."


def _paragraph(cells: Sequence[str], room: int) -> Iterator[str]:
    """An entry where the table is too wide."""
    number, organization, task, what, to, at, size, findings, content = cells
    of = "" if task == "-" else f" of task {task}"
    found = "no findings" if findings == "-" else _many(int(findings), "finding")
    yield f"#{number} {at} {organization}, {what}{of}, to {to}: {size} bytes, {found}"
    yield f"    {content[: room - 4]}"


def _kind(row: dict[str, Any]) -> str:
    return f"{row['what']} x{row['times']}" if row["times"] > 1 else str(row["what"])


def _shown(row: dict[str, Any]) -> str:
    """The content, or why there is none to show."""
    if row["problem"]:
        return f"({row['problem']})"
    stopped = f" ({row['stopped']})" if row.get("stopped") else ""
    return _harmless(row["content"] + ("..." if row["is_cut"] else "") + stopped)


def _harmless(text: str) -> str:
    """The text without what could command a terminal."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "?" for letter in text)


def _what(row: dict[str, Any]) -> str:
    task = f" of task {row['task']}" if row["task"] is not None else ""
    return f"{row['organization']}, {_kind(row)}{task}, to {', '.join(row['to'])}"


def _findings(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        for each in row["findings"]:
            where = f" (at {each['where']})" if each["where"] else ""
            yield f"#{row['number']} {_what(row)}: {each['rule']}: {each['text']}{where}"


def _unchecked(rows: list[dict[str, Any]]) -> Iterator[str]:
    said = {(row["organization"], text): None for row in rows for text in row["unchecked"]}
    for organization, text in said:
        yield f"not compared with the data of {organization}: {text}"


def _summary(rows: list[dict[str, Any]], *, details: bool) -> Iterator[str]:
    """A line each for what left, what was refused or is no longer kept, and what was found."""
    left = [row for row in rows if row["has_left"]]
    others = [row for row in rows if not row["has_left"]]
    refused = sum(row["times"] for row in others if row["number"])
    dropped = sum(row["times"] for row in others if not row["number"])
    kinds = Counter(row["what"] for row in left)
    size = sum(row["bytes"] * row["times"] for row in left)
    organizations = len({row["organization"] for row in left})
    what = ", ".join(_many(count, kind) for kind, count in sorted(kinds.items()))
    whose = _many(organizations, "organization")
    yield f"{_many(size, 'byte')} left {whose}: {what}" if left else "nothing left any organization"
    if refused:
        yield f"{_many(refused, 'request')} refused by proxies"
    if dropped:
        yield f"{dropped} of the older entries are no longer kept"
    rules = Counter(each["rule"] for row in rows for each in row["findings"])
    found = ", ".join(f"{rule} {count}" for rule, count in rules.items())
    hint = "" if details or not rules else " (-v names them)"
    yield f"{_many(rules.total(), 'finding')}: {found}{hint}" if rules else "no findings"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
