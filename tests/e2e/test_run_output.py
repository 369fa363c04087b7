"""What `v6sim run` prints, to people, programs and pipes, also when it is interrupted."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.commands import PATIENCE, V6SIM, ended, environment, until, v6sim
from tests.e2e.test_run import run


def test_json_knows_no_nan(project) -> None:
    said = run(project, "--method", "no_numbers", "--json")
    task = json.loads(said.stdout, parse_constant=pytest.fail)["task"]
    assert task["runs"][0]["result"] == {"nan": None, "more": [None, None, 1.5]}


def test_nothing_but_json_reaches_stdout(project) -> None:
    said = run(project, "--method", "chatty", "--executor", "inline", "--json")
    assert json.loads(said.stdout)["task"]["runs"][0]["result"] == "quiet"
    assert said.stderr.count("from a thread") == 2
    assert said.stderr.count("from a program") == 2
    assert said.stderr.count("from below") == 2


@pytest.mark.parametrize("json_", [[], ["--json"]], ids=str)
def test_subtasks_that_outlast_their_master_are_waited_for(project, json_) -> None:
    said = run(project, "--method", "early", *json_)
    assert said.returncode == 0, said.stdout
    assert said.stdout.count("completed") == 5


def test_the_logs_of_what_went_well_are_shown_on_request(project) -> None:
    assert "working on x" not in run(project, "--method", "partial").stdout
    assert run(project, "--method", "partial", "-v").stdout.count("working on x") == 2


def test_what_is_piped_is_never_wrapped_or_cut(project) -> None:
    name = "of-a-very-long-name-" * 6
    (project / "north.csv").rename(project / f"{name}.csv")
    said = v6sim("run", "./my-algorithm", "--data", f"{name}.csv", "--method", "wide", cwd=project)
    lines = said.stdout.splitlines()
    assert f"{name}: {'w' * 300}" in lines
    assert any(line.startswith(f"└── {name} ") and line.endswith(" s") for line in lines)


@pytest.mark.parametrize("how", [[], ["--executor", "inline"], ["--json"]], ids=str)
def test_ctrl_c_shows_how_far_it_came(project: Path, how: list[str]) -> None:
    started = project / "started"
    command = [str(V6SIM), "run", "./my-algorithm", "--data", "north.csv", "--data", "south.csv"]
    child = subprocess.Popen(
        [*command, "--method", "endless", "--kwarg", f"file={started}", *how],
        cwd=project, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: started.exists() or child.poll() is not None)
    child.send_signal(signal.SIGINT)
    said, complaints = ended(child)
    assert child.returncode == 130
    assert "active" in said
    assert not complaints
    if how == ["--json"]:
        [subtask] = json.loads(said)["task"]["subtasks"]
        assert subtask["name"] == "subtask"
    else:
        assert "task 2 subtask  " in said


def test_a_breakpoint_is_not_drawn_over(project) -> None:
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [V6SIM, "run", "./my-algorithm", "--data", "north.csv", "--method", "stop",
         "--executor", "inline"],
        cwd=project, env=environment(), stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    with os.fdopen(master, "r+b", buffering=0) as terminal:
        said = _read_until(terminal, b"(Pdb) ")
        terminal.write(b"p value\n")
        said += _read_until(terminal, b"(Pdb) ")
        terminal.write(b"c\n")
        with contextlib.suppress(OSError):  # so a terminal ends
            while True:
                said += terminal.read(4096)
    assert child.wait(PATIENCE) == 0
    plain = re.sub(rb"\x1b\[[0-9;]*m", b"", said)
    assert b"41\r\n" in plain
    assert plain.count(b"task 1 stop") == 1
    assert b"\nnorth: 42\r\n" in plain


def _read_until(terminal, expected: bytes) -> bytes:
    said = b""
    while expected not in said:
        said += terminal.read(4096)
    return said


def merged(project: Path, *arguments: str) -> list[str]:
    """What a person sees, whom it does not concern which stream a line came by."""
    command = [str(V6SIM), "run", "./my-algorithm", "--data", "north.csv", "--data", "south.csv"]
    said = subprocess.run(
        [*command, *arguments], cwd=project, env=environment(), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return str(said.stdout).rstrip().splitlines()


MASTER = ("--method", "master", "--kwarg", "column=x")


@pytest.mark.parametrize(
    "options",
    [
        [], ["-v"], ["--pooled", "--atol", "100"], ["--record", "kept"], ["--trace", "x.txt"],
        ["--pooled", "--trace", "x.txt", "--record", "kept", "-v"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_last_lines_are_the_results(project, options) -> None:
    lines = merged(project, *MASTER, *options)
    assert lines[-2:] == ["", "north: 10.5"]
    egress = [number for number, line in enumerate(lines) if line.startswith("egress: ")]
    assert egress == list(range(egress[0], len(lines) - 2)), "right before the results"
    assert any(line.startswith("task 1 master") for line in lines[: egress[0]])


def test_results_are_shown_also_where_they_cannot_be_recorded(project) -> None:
    source = project / "my-algorithm" / "my_algorithm" / "__init__.py"
    source.write_text(
        "import pathlib\n\n\ndef master(client, data, file):\n"
        "    pathlib.Path(file).write_text('in the way')\n    return 10.5\n"
    )
    file = project / "kept"
    lines = merged(project, "--method", "master", "--kwarg", f"file={file}", "--record", "kept")
    assert "north: 10.5" in lines
    assert any(line.startswith("error: ") and "kept" in line for line in lines)
    assert not any("Traceback" in line for line in lines)


def test_the_last_lines_are_the_logs_where_it_failed(project) -> None:
    lines = merged(project, "--method", "master", "--kwarg", "column=nothing")
    first = next(number for number, line in enumerate(lines) if line.startswith("── task "))
    assert not any(line.startswith("egress: ") for line in lines[first:])
    assert any(line.startswith("egress: ") for line in lines[:first])
