"""`v6sim run --watch`: again after each change, on a federation that stays."""

import signal
import tempfile
from pathlib import Path

import pytest

from tests.commands import PATIENCE
from tests.e2e.terminal import Terminal, at_terminal
from tests.e2e.test_run import run

WAITING = "waiting for changes (ctrl-C ends)"
WATCH = (
    "run", "./my-algorithm", "--data", "north.csv", "--data", "south.csv", "--method", "master",
    "--watch",
)  # fmt: skip


def source(project: Path) -> Path:
    return project / "my-algorithm" / "my_algorithm" / "__init__.py"


def put(file: Path, text: str) -> None:
    """Write a file at once: one that is cut before it is written has changed twice."""
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / file.name
        new.write_text(text)
        new.replace(file)


def end(terminal: Terminal) -> int:
    terminal.child.send_signal(signal.SIGINT)
    said = terminal.read_all()
    assert "Traceback" not in said
    return terminal.child.wait(PATIENCE)


@pytest.mark.parametrize("executor", [[], ["--executor", "inline"]], ids=str)
def test_a_change_of_source_or_data_runs_it_again(project, executor) -> None:
    with at_terminal(*WATCH, *executor, cwd=project) as terminal:
        assert "north: 10.5" in terminal.read_until(WAITING)
        text = source(project).read_text()
        put(source(project), text.replace("sum(client", "2 * sum(client"))
        again = terminal.read_until(WAITING)
        assert "north: 21.0" in again
        assert "task 1 master" in again
        put(project / "south.csv", "x\n0\n")
        assert "north: 6" in terminal.read_until(WAITING)
        assert end(terminal) == 0


def test_a_file_that_is_put_in_its_place_counts_as_changed(project) -> None:
    with at_terminal(*WATCH, cwd=project) as terminal:
        terminal.read_until(WAITING)
        for rows, expected in (("1\n", "north: 8.5"), ("2\n", "north: 9.5")):
            put(project / "north.csv", f"x\n{rows}")
            assert expected in terminal.read_until(WAITING)
        assert end(terminal) == 0


def test_a_mistake_in_the_source_is_shown_and_waited_over(project) -> None:
    with at_terminal(*WATCH, "--junit", "report.xml", cwd=project) as terminal:
        terminal.read_until(WAITING)
        text = source(project).read_text()
        put(source(project), text + "\ndef oops(:\n")
        shown = terminal.read_until(WAITING)
        assert "def oops(:" in shown
        assert "SyntaxError: invalid syntax" in shown
        assert 'failures="1"' in (project / "report.xml").read_text()
        source(project).unlink()
        assert "there is no Python package in" in terminal.read_until(WAITING)
        put(source(project), text)
        assert "north: 10.5" in terminal.read_until(WAITING)
        assert 'failures="0"' in (project / "report.xml").read_text()
        put(project / "north.csv", "y\n1\n")
        assert "KeyError: 'x'" in terminal.read_until(WAITING)
        assert end(terminal) == 1


def test_a_recorded_master_is_worked_on_alone(project) -> None:
    assert run(project, "--method", "master", "--record", "recorded").returncode == 0
    arguments = ("run", "./my-algorithm", "--replay", "recorded", "--watch")
    with at_terminal(*arguments, cwd=project) as terminal:
        assert "north: 10.5" in terminal.read_until(WAITING)
        text = source(project).read_text()
        put(source(project), text.replace("sum(client", "max(client"))
        assert "north: 7.5" in terminal.read_until(WAITING)
        put(source(project), text.replace('"partial", "kwargs"', '"other", "kwargs"'))
        assert '+  method: "other"' in terminal.read_until(WAITING)
        put(source(project), text)
        assert "north: 10.5" in terminal.read_until(WAITING)
        assert end(terminal) == 0


def test_ctrl_c_in_the_middle_of_a_run_is_an_interruption(project) -> None:
    started = project / "started"
    arguments = ("--method", "endless", "--kwarg", f"file={started}")
    with at_terminal(*WATCH, *arguments, cwd=project) as terminal:
        terminal.read_until("active")
        assert end(terminal) == 130


def test_what_is_one_document_is_not_written_over_and_over(project) -> None:
    said = run(project, "--method", "master", "--watch", "--json")
    assert said.returncode == 2
    assert "--watch and --json do not go together" in said.stderr
