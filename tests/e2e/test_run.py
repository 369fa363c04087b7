"""`v6sim run`: the dry run of an algorithm, as its developer sees it."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.commands import V6SIM, v6sim


def run(project: Path, *arguments: str):
    files = ("--data", "north.csv", "--data", "south.csv")
    return v6sim("run", "./my-algorithm", *files, *arguments, cwd=project)


@pytest.mark.parametrize("executor", [[], ["--cold"], ["--executor", "inline"]], ids=str)
def test_a_master_shows_its_tree_and_its_result(project, executor) -> None:
    said = run(project, "--method", "master", "--kwarg", "column=x", *executor)
    assert said.returncode == 0, said.stderr
    assert "task 2 subtask  completed" in said.stdout
    assert said.stdout.rstrip().endswith("north: 10.5")


def test_a_partial_runs_at_each_organization(project) -> None:
    said = run(project, "--method", "partial")
    assert said.returncode == 0, said.stderr
    assert said.stdout.rstrip().splitlines()[-2:] == ["north: 3", "south: 7.5"]


def test_what_failed_shows_its_log_and_traceback(project) -> None:
    said = run(project, "--method", "master", "--kwarg", "column=nothing")
    assert said.returncode == 1
    assert "task 2 at north: crashed" in said.stdout
    assert "task 2 at south: crashed" in said.stdout
    assert "working on nothing" in said.stdout
    assert "Traceback (most recent call last):" in said.stdout
    assert "in RPC_partial" in said.stdout
    assert "KeyError: 'nothing'" in said.stdout


def test_json_is_for_programs(project) -> None:
    said = run(project, "--method", "partial", "--json")
    task = json.loads(said.stdout)["task"]
    assert task["status"] == "completed"
    assert [(row["organization"], row["result"]) for row in task["runs"]] == [
        ("north", 3), ("south", 7.5),
    ]  # fmt: skip


def test_json_holds_the_log_of_what_failed(project) -> None:
    said = run(project, "--method", "nothing", "--no-master", "--json")
    assert said.returncode == 1
    [first, _] = json.loads(said.stdout)["task"]["runs"]
    assert first["status"] == "crashed"
    assert "method 'RPC_nothing' not found!" in first["log"]


def test_arguments_are_json_where_they_are_json(project) -> None:
    options = ["--arg", "3", "--arg", "three", "--kwarg", "numbers=[1, 2]", "--kwarg", "text=a=b"]
    said = run(project, "--method", "arguments", *options, "--json")
    [first, _] = json.loads(said.stdout)["task"]["runs"]
    assert first["result"] == {
        "args": [3, "three"], "kwargs": {"numbers": [1, 2], "text": "a=b"},
    }  # fmt: skip


def test_an_interpreter_of_its_own_runs_the_algorithm(project) -> None:
    said = run(project, "--method", "python", "--python", sys.executable, "--json")
    [first, _] = json.loads(said.stdout)["task"]["runs"]
    assert Path(first["result"]).samefile(sys.executable)


def test_a_broken_module_shows_why(project) -> None:
    (project / "my-algorithm" / "my_algorithm" / "__init__.py").write_text("import nonsense_xyz\n")
    said = run(project, "--method", "master")
    assert said.returncode == 1
    assert "No module named 'nonsense_xyz'" in said.stdout


def test_an_interpreter_may_be_a_command_on_the_path(project, monkeypatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(V6SIM.parent), os.environ["PATH"]]))
    said = run(project, "--method", "python", "--python", "python", "--json")
    [first, _] = json.loads(said.stdout)["task"]["runs"]
    assert Path(first["result"]).samefile(sys.executable)


def test_a_prefix_too_many_is_dropped_and_told(project) -> None:
    said = run(project, "--method", "RPC_partial")
    assert said.returncode == 0, said.stdout
    assert said.stdout.rstrip().splitlines()[-2:] == ["north: 3", "south: 7.5"]
    assert "note: --method RPC_partial: the prefix RPC_ is not needed" in said.stderr


HERE, DATA, METHOD = "./my-algorithm", ["--data", "north.csv"], ["--method", "partial"]
WRONG = {
    "no algorithm": (
        ["./gone", *DATA, *METHOD],
        "./gone: there is no such folder, .py file or installed package",
    ),
    "a misspelled algorithm": (
        ["./my-algoritm", *DATA, *METHOD],
        "or installed package; did you mean 'my-algorithm'?",
    ),
    "empty data": (
        [HERE, "--data", "empty.csv", *METHOD],
        "--data: 'empty.csv' is empty; a CSV file without rows still has the line",
    ),
    "no data": (
        [HERE, "--data", "gone.csv", *METHOD],
        "--data: there is no file 'gone.csv' (looked for /",
    ),
    "a folder as data": (
        [HERE, "--data", ".", *METHOD],
        "--data: '.' is a folder; name a file in it",
    ),
    "an empty module": ([HERE, *DATA, *METHOD, "--module", ""], "--module is empty: the name of a"),
    "data as algorithm": (
        ["./north.csv", *DATA, *METHOD],
        "./north.csv: is no Python file; name a package folder or a .py file",
    ),
    "no method": ([HERE, *DATA], "--method"),
    "no value": ([HERE, *DATA, *METHOD, "--kwarg", "x"], "--kwarg 'x': NAME=VALUE"),
    "two values": (
        [HERE, *DATA, *METHOD, "--kwarg", "x=1", "--kwarg", "x=2"],
        "--kwarg 'x=2': there is a value for 'x' already",
    ),
    "no command": (
        [HERE, *DATA, *METHOD, "--python", "python-of-nobody"],
        "--python python-of-nobody: there is no such command on the PATH",
    ),
    "an environment as interpreter": (
        [HERE, *DATA, *METHOD, "--python", "./my-algorithm"],
        "name the interpreter, my-algorithm/bin/python",
    ),
    "no program as interpreter": (
        [HERE, *DATA, *METHOD, "--python", "./north.csv"],
        "--python ./north.csv: is no program that can be run",
    ),
    "no interpreter": (
        [HERE, *DATA, *METHOD, "--python", "/gone"],
        "--python /gone: there is no such interpreter",
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_said_clearly(project, arguments, expected) -> None:
    (project / "empty.csv").touch()
    said = v6sim("run", *arguments, cwd=project)
    assert said.returncode == 2
    assert expected in said.stderr
    assert "Traceback" not in said.stderr
