"""The files and the environment of a run."""

from pathlib import Path

from v6sim.node.contract import Contract, Workspace
from v6sim.node.data import Databases


def test_a_run_has_a_private_folder_with_its_three_files() -> None:
    workspace = Workspace()
    folder = workspace.open(7, b"input", "token")
    assert folder.name == "task-000000007"
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    contents = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert contents == {"input": b"input", "output": b"", "token": b"token"}
    workspace.close(7)
    assert [each.name for each in folder.parent.iterdir()] == ["owner"]
    workspace.remove()
    assert not folder.parent.exists()


def test_runs_of_a_job_share_a_folder_that_outlives_them() -> None:
    workspace = Workspace()
    first = workspace.temporary(3)
    workspace.open(1, b"", "")
    workspace.close(1)
    assert workspace.temporary(3) == first
    assert first.is_dir()
    workspace.clear()
    assert not first.exists()
    workspace.remove()


def contract(databases: Databases, label: str, **env: str) -> Contract:
    return Contract(
        node_id=7,
        run_id=5,
        image="image",
        folder=Path("/host/task-000000001"),
        temporary=Path("/host/job"),
        database=databases.pick(label),
        databases=databases,
        host="http://proxy",
        port=80,
        algorithm_env=env,
    )


def test_the_environment_can_be_that_of_another_file_system(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.touch()
    databases = Databases({"default": data, "web": "http://data.example/x"})
    seen = contract(databases, "").environment(lambda path: "/mnt" + path)
    assert seen["INPUT_FILE"] == "/mnt/host/task-000000001/input"
    assert seen["TEMPORARY_FOLDER"] == "/mnt/host/job"
    assert seen["DATABASE_URI"] == f"/mnt{data}"
    assert seen["WEB_DATABASE_URI"] == "http://data.example/x"


def test_the_nodes_own_variables_win_and_are_not_shown(tmp_path: Path) -> None:
    databases = Databases({"x": "http://data.example/x"})
    made = contract(databases, "x", HOST="elsewhere", PASSWORD="hush")
    assert made.environment()["HOST"] == "elsewhere"
    assert "hush" not in repr(made)
