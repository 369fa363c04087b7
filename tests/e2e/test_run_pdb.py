"""`v6sim run --pdb`: in the frame that raised, at a terminal."""

import pytest

from tests.commands import PATIENCE
from tests.e2e.terminal import at_terminal
from tests.e2e.test_run import run

ALGORITHM = """
def _average(values):
    count = len(values) - 2
    return sum(values) / count

def RPC_average(data):
    return _average(list(data["x"]))

def master(client, data):
    answer = 41
    raise RuntimeError(f"not {answer}")
"""

RUN = ("run", "./my-algorithm", "--data", "north.csv", "--pdb")


@pytest.fixture
def broken(project):
    (project / "my-algorithm" / "my_algorithm" / "__init__.py").write_text(ALGORITHM)
    return project


def test_a_partial_is_debugged_where_it_raised(broken) -> None:
    with at_terminal(*RUN, "--method", "average", cwd=broken) as terminal:
        shown = terminal.read_until("(Pdb) ")
        assert ", run 1 of task 1: ZeroDivisionError: division by zero (q goes on)" in shown
        assert "-> return sum(values) / count" in shown
        terminal.type("p values, count")
        assert "([1, 2], 0)" in terminal.read_until("(Pdb) ")
        terminal.type("up")
        assert "RPC_average" in terminal.read_until("(Pdb) ")
        terminal.type("q")
        rest = terminal.read_all()
        assert terminal.child.wait(PATIENCE) == 1
    assert rest.count("task 1 average") == 1
    assert "task 1 at north: crashed" in rest


def test_a_master_is_debugged_where_it_raised(broken) -> None:
    with at_terminal(*RUN, "--method", "master", "--executor", "inline", cwd=broken) as terminal:
        assert "RuntimeError: not 41" in terminal.read_until("(Pdb) ")
        terminal.type("p answer + 1")
        assert "42" in terminal.read_until("(Pdb) ")
        terminal.type("q")
        terminal.read_all()
        assert terminal.child.wait(PATIENCE) == 1


def test_runs_that_fail_at_once_are_debugged_one_after_the_other(broken) -> None:
    arguments = (*RUN, "--data", "also.csv", "--method", "average")
    (broken / "also.csv").write_text("x\n7\n8\n")
    with at_terminal(*arguments, cwd=broken) as terminal:
        seen = ""
        for _ in range(2):
            terminal.read_until("(Pdb) ")
            terminal.type("p values")
            seen += terminal.read_until("(Pdb) ")
            terminal.type("q")
        terminal.read_all()
        assert terminal.child.wait(PATIENCE) == 1
    assert "[1, 2]" in seen
    assert "[7, 8]" in seen


def test_only_what_runs_in_this_process_can_be_debugged(broken) -> None:
    said = run(broken, "--method", "master", "--pdb", "--executor", "process")
    assert said.returncode == 2
    assert "--pdb and --executor process do not go together" in said.stderr
