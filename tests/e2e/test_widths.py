"""What the command line shows fits a terminal of 80 columns, and breaks between words."""

import json
import re
import sys
from io import StringIO

import pytest
from rich.console import Console

from tests.commands import running, v6sim
from tests.e2e.terminal import at_terminal
from tests.wide import some
from v6sim.cli import egress, timeline
from v6sim.cli.printing import print_table, print_wrapped

WIDTH = 80


def shown(monkeypatch, cwd, *arguments: str, columns: int = WIDTH) -> list[str]:
    monkeypatch.setattr("tests.e2e.terminal.environment", lambda: environment(columns))
    with at_terminal(*arguments, cwd=cwd) as terminal:
        return terminal.read_all().splitlines()


def environment(columns: int) -> dict[str, str]:
    from tests.commands import environment

    return {**environment(), "COLUMNS": str(columns), "TERM": "xterm"}


@pytest.mark.parametrize("columns", some([80, 60, 120], 3))
def test_permissions_fit_with_a_line_for_each_action(monkeypatch, tmp_path, columns) -> None:
    lines = shown(monkeypatch, tmp_path, "permissions", columns=columns)
    assert max(map(len, lines)) <= columns
    rows = [line for line in lines if line.startswith("role.list ")]
    cells = [cell for row in rows for cell in row.split()[1:]]
    assert cells == ["a", "ord", "ord", "ord", "a"]
    assert any(re.fullmatch(r"[A-Z]  Organization Admin", line) for line in lines)


def test_piped_permissions_are_a_line_for_each_action_and_role() -> None:
    lines = v6sim("permissions").stdout.splitlines()
    assert "task.create\tResearcher\tcollaborations" in lines
    assert all(line.count("\t") == 2 for line in lines)
    assert "role.list\tViewer\torganization, own roles, default roles" in lines


def printed(*, terminal: bool, width: int, rows: list[list[str]]) -> list[str]:
    console = Console(file=StringIO(), force_terminal=terminal, width=width, color_system=None)
    print_table(console, ("name", "many words", "n"), rows, numbers=("n",))
    file = console.file
    assert isinstance(file, StringIO)
    return [line for line in file.getvalue().splitlines() if line]


ROW = ["a name of five words", "some words " * 10 + "at the end", "12345"]


def test_a_table_that_fits_has_a_line_for_each_row() -> None:
    lines = printed(terminal=True, width=200, rows=[ROW, ["b", "c", "1"]])
    assert len(lines) == 4
    assert lines[3].endswith("     1")
    assert all(line == line.rstrip() for line in lines)


def test_a_table_that_does_not_fit_has_a_paragraph_for_each_row() -> None:
    lines = printed(terminal=True, width=WIDTH, rows=[ROW, ["b", "", "1"]])
    assert max(map(len, lines)) <= WIDTH
    assert lines[0] == ROW[0]
    assert lines[-2:] == ["b", "  n: 1"]
    assert " ".join("".join(f"{line} " for line in lines[1:-3]).split()) == (
        f"many words: {ROW[1]}"
    )


def test_what_is_piped_is_never_wrapped() -> None:
    lines = printed(terminal=False, width=WIDTH, rows=[ROW])
    assert [line.startswith(ROW[0]) for line in lines] == [False, False, True]
    assert len(lines[2]) > WIDTH


def test_a_word_is_never_broken() -> None:
    console = Console(file=StringIO(), force_terminal=True, width=20, color_system=None)
    print_wrapped(console, "  first " + "x" * 30 + " last")
    file = console.file
    assert isinstance(file, StringIO)
    assert [line.split() for line in file.getvalue().splitlines()] == [
        ["first"], ["x" * 30], ["last"],
    ]  # fmt: skip


@pytest.mark.parametrize("width", some([80, 60, 120, 200], 4))
def test_egress_fits(monkeypatch, capsys, width) -> None:
    row = {
        "number": 1, "organization": "an organization of a long name", "task": 12,
        "what": "subtask input", "to": ["the first receiver", "the second one"], "times": 2,
        "at": "2026-01-02T03:04:05+00:00", "bytes": 123456, "problem": None, "has_left": True,
        "content": json.dumps(list(range(100))), "is_cut": True, "unchecked": [],
        "findings": [{"rule": "few", "text": "a count below five " * 6, "where": "the place"}],
    }  # fmt: skip
    monkeypatch.setattr(
        "rich.console.Console",
        lambda: Console(file=sys.stdout, force_terminal=True, width=width, color_system=None),
    )
    egress._print([row, {**row, "number": 2, "findings": []}], full=False)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert any("123456" in line for line in lines)


def test_the_users_of_a_world_fit(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("tests.e2e.terminal.environment", lambda: environment(40))
    with at_terminal("up", "--port", "0", cwd=tmp_path) as terminal:
        text = terminal.read_until("Organizations")
        terminal.child.terminate()
    assert "\n  roles: " in text.replace("\r", "")


def test_a_trace_fits() -> None:
    with running("up", "--port", "0") as (_, address):
        server = address.removesuffix("/api")
        assert v6sim("demo", "--server", address).returncode == 0
        trace = json.loads(v6sim("trace", "1", "--server", server, "--json").stdout)
    assert any(len(line) > WIDTH for line in timeline.text(trace))
    bars = [line for line in timeline.text(trace, WIDTH) if line.endswith("|")]
    assert bars
    assert max(map(len, bars)) <= WIDTH
