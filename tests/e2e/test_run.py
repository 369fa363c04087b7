"""`v6sim run`: the dry run of an algorithm, as its developer sees it."""

import json
import sys
from pathlib import Path

import pytest

from tests.commands import v6sim

ALGORITHM = """
import sys
import pandas as pd

def master(client, data, column="x"):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "partial", "kwargs": {"column": column}}, ids)
    while not client.get_task(task["id"])["complete"]:
        pass
    return sum(client.get_results(task_id=task["id"]))

def RPC_partial(data, column="x"):
    print("working on", column)
    return data[column].sum()

def RPC_python(data):
    return sys.executable

def RPC_arguments(data, *args, **kwargs):
    return {"args": args, "kwargs": kwargs}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    package = tmp_path / "my-algorithm" / "my_algorithm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(ALGORITHM)
    for name, rows in {"north": "1\n2\n", "south": "3\n4.5\n"}.items():
        (tmp_path / f"{name}.csv").write_text(f"x\n{rows}")
    return tmp_path


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


HERE, DATA, METHOD = "./my-algorithm", ["--data", "north.csv"], ["--method", "partial"]
WRONG = {
    "no algorithm": (
        ["./gone", *DATA, *METHOD],
        "./gone: there is no such folder, .py file or installed package",
    ),
    "no data": (
        [HERE, "--data", "gone.csv", *METHOD],
        "--data gone.csv: there is no such file",
    ),
    "no method": ([HERE, *DATA], "--method"),
    "no value": ([HERE, *DATA, *METHOD, "--kwarg", "x"], "--kwarg 'x': NAME=VALUE"),
    "no interpreter": (
        [HERE, *DATA, *METHOD, "--python", "/gone"],
        "--python /gone: there is no such interpreter",
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_said_clearly(project, arguments, expected) -> None:
    said = v6sim("run", *arguments, cwd=project)
    assert said.returncode == 2
    assert expected in said.stderr
    assert "Traceback" not in said.stderr
