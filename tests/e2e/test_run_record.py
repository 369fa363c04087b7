"""`v6sim run --record` and `--replay`: the master alone, on what it was given before."""

import json
import pickle
from pathlib import Path

import pytest

from tests.commands import v6sim
from tests.e2e.test_run import run
from v6sim import Sandbox
from v6sim.recording import NoRecording
from v6sim.testing import ReplayDiffers, replay
from v6sim.testing.data import world_of

TWO_ROUNDS = """
import pathlib

def ask(client, method, ids, **kwargs):
    task = client.create_new_task({"method": method, "kwargs": kwargs}, ids)
    while not client.get_task(task["id"])["complete"]:
        pass
    return client.get_results(task_id=task["id"])

def variance(client, data, column):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    sums = ask(client, "sums", ids, column=column)
    count = sum(each["count"] for each in sums)
    mean = sum(each["sum"] for each in sums) / count
    squares = ask(client, "squares", ids, column=column, mean=mean)
    return {"rows here": len(data), "variance": sum(squares) / count}

def RPC_sums(data, column):
    (pathlib.Path(__file__).parent / "was-run").touch()
    return {"sum": float(data[column].sum()), "count": len(data)}

def RPC_squares(data, column, mean):
    return float(((data[column] - mean) ** 2).sum())
"""

SECOND = 'ask(client, "squares", ids, column=column, mean=mean)'
RETURN = "    return {"


@pytest.fixture
def rounds(project: Path) -> Path:
    """A project whose master asks twice, recorded in `recorded`, and then moved elsewhere."""
    source(project).write_text(TWO_ROUNDS)
    said = run(project, "--method", "variance", "--kwarg", "column=x", "--record", "recorded")
    assert said.returncode == 0, said.stderr
    assert "'variance': 1.671875" in said.stdout
    source(project).with_name("was-run").unlink()
    return project


def source(project: Path) -> Path:
    return project / "my-algorithm" / "my_algorithm" / "__init__.py"


def change(project: Path, old: str, new: str) -> None:
    text = source(project).read_text()
    assert old in text
    source(project).write_text(text.replace(old, new))


def replayed(project: Path, *options: str):
    return v6sim("run", "./my-algorithm", "--replay", "recorded", *options, cwd=project)


@pytest.mark.parametrize("executor", [[], ["--executor", "inline"]], ids=str)
def test_the_master_runs_alone_on_what_was_recorded(rounds, executor) -> None:
    change(rounds, "sum(squares) / count", "sum(squares) / (count - 1)")
    said = replayed(rounds, *executor)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "{'rows here': 2, 'variance': 2.2291666666666665}" in said.stdout
    assert said.stdout.count("completed") == 8
    assert not source(rounds).with_name("was-run").exists()


def test_what_is_recorded_are_the_payloads_as_they_are(rounds) -> None:
    manifest = json.loads((rounds / "recorded" / "recording.json").read_text())
    assert manifest["organizations"] == ["north", "south"]
    assert [each["name"] for each in manifest["subtasks"]] == ["subtask", "subtask"]
    last = manifest["subtasks"][1]["runs"][1]
    assert last["organization"] == "south"
    assert last["asked"] == ['method: "squares"', 'column: "x"', "mean: 2.625"]
    content = (rounds / "recorded" / last["result"]).read_bytes()
    assert pickle.loads(content) == 3.65625


def test_another_question_ends_the_run_with_what_differs(rounds) -> None:
    change(rounds, "column=column, mean=mean", "column=column, mean=mean + 1")
    change(
        rounds, "    return client.get_results", "    print('asked')\n    return client.get_results"
    )
    said = replayed(rounds)
    assert said.returncode == 1
    assert "the master asks for something else than was recorded" in said.stdout
    lines = said.stdout.splitlines()
    assert "-  mean: 2.625" in lines
    assert "+  mean: 3.625" in lines
    assert '   column: "x"' in lines
    assert "node > the replay was ended, as the master asked for something" in said.stdout
    assert "asked\n" in said.stdout


def test_only_what_it_came_to_ask_is_compared(rounds) -> None:
    change(rounds, '"sums", ids', '"totals", ids')
    said = replayed(rounds)
    assert '+  method: "totals"' in said.stdout.splitlines()
    assert "subtask 2" not in said.stdout


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('squares", ids', 'squares", ids[:1]', "+subtask 2 at north"),
        ('"squares"', '"sums"', '+  method: "sums"'),
        (RETURN, f"    ask(client, 'more', ids)\n{RETURN}", "+subtask 3 at north, south"),
        (SECOND, "[1]", "-subtask 2 at north, south"),
    ],
    ids=["organizations", "method", "one more", "one less"],
)  # fmt: skip
def test_each_kind_of_difference_is_shown(rounds, old, new, expected) -> None:
    change(rounds, old, new)
    said = replayed(rounds, "--executor", "inline")
    assert said.returncode == 1
    assert expected in said.stdout.splitlines()


def test_data_that_have_moved_can_be_named(rounds) -> None:
    (rounds / "north.csv").rename(rounds / "moved.csv")
    said = replayed(rounds)
    assert said.returncode == 2
    assert "north.csv, are no longer there; name the file by --data" in said.stderr
    assert replayed(rounds, "--data", "moved.csv").returncode == 0


def test_what_was_encrypted_is_recorded_in_plain(project) -> None:
    source(project).write_text(TWO_ROUNDS)
    options = ["--method", "variance", "--kwarg", "column=x", "--record", "recorded"]
    assert run(project, *options, "--encrypted").returncode == 0
    said = replayed(project)
    assert said.returncode == 0, said.stdout
    assert "'variance': 1.671875" in said.stdout


def test_a_recording_takes_the_place_of_an_older_one_alone(project) -> None:
    for _ in range(2):
        assert run(project, "--method", "master", "--record", "recorded").returncode == 0
    said = run(project, "--method", "master", "--record", "my-algorithm")
    assert said.returncode == 2
    assert "my-algorithm is there already, and is no recording" in said.stderr
    said = run(project, "--method", "partial", "--record", "another")
    assert said.returncode == 2
    assert "--record is for masters" in said.stderr
    assert not (project / "another").exists()


def test_what_is_no_recording_is_said(project) -> None:
    said = v6sim("run", "./my-algorithm", "--replay", "my-algorithm", cwd=project)
    assert said.returncode == 2
    assert "my-algorithm holds no recording that can be read" in said.stderr


def test_tests_record_and_replay(tmp_path) -> None:
    algorithm, folder = tmp_path / "varied.py", tmp_path / "recorded"
    algorithm.write_text(TWO_ROUNDS)
    (tmp_path / "north.csv").write_text("x\n1\n2\n")
    data = {"north": tmp_path / "north.csv", "south": [{"x": 3.0}, {"x": 4.5}]}
    with world_of(data) as world, Sandbox(world, executor="inline") as box:
        box.run(algorithm, "variance", kwargs={"column": "x"}, record=folder)
    algorithm.write_text(TWO_ROUNDS.replace("/ count}", "/ (count - 1)}"))
    outcome = replay(folder, algorithm, executor="inline")
    assert outcome.result["variance"] == pytest.approx(2.2291666)
    algorithm.write_text(TWO_ROUNDS.replace("mean=mean", "mean=7"))
    with pytest.raises(ReplayDiffers, match=r"\+  mean: 7"):
        replay(folder, algorithm, executor="inline")
    with pytest.raises(NoRecording, match="holds no recording"):
        replay(tmp_path, algorithm)
