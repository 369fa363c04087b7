"""`v6sim run` on databases that have an address, and what else an input has for them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands import v6sim
from v6sim import World

PACKAGE = """\
def master(client, data):
    return len(data)


def RPC_ages(data):
    return data["age"].tolist()
"""
DOCKERFILE = """\
FROM python:3.8
CMD python -c "from vantage6.tools.docker_wrapper import sql_wrapper; sql_wrapper('asks')"
"""
QUERY = "SELECT age FROM people WHERE age > 1"


@pytest.fixture
def asks(tmp_path: Path) -> Path:
    """A folder with a package that reads SQL databases, and three of these."""
    (tmp_path / "project" / "asks").mkdir(parents=True)
    (tmp_path / "project" / "asks" / "__init__.py").write_text(PACKAGE)
    (tmp_path / "project" / "Dockerfile").write_text(DOCKERFILE)
    for number, place in enumerate(("a.db", "b.db", "other/a.db")):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(tmp_path / place)) as database, database:
            database.execute("CREATE TABLE people (age)")
            database.executemany("INSERT INTO people VALUES (?)", [(1,), (3 + number,)])
    return tmp_path


def run(folder: Path, *arguments: str, places: tuple[str, ...] = ("a.db", "b.db", "other/a.db")):
    data = [word for place in places for word in ("--data", f"sqlite:///{folder / place}")]
    return v6sim("run", "project", *data, *arguments, cwd=folder)


def test_organizations_are_called_like_the_end_of_their_address(asks: Path) -> None:
    said = run(asks, "--method", "ages", "--input", f"query={QUERY}")
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.splitlines()[-3:] == ["a: [3]", "b: [4]", "a 2: [5]"]


def test_without_a_query_the_log_says_how_to_give_one(asks: Path) -> None:
    said = run(asks, "--method", "ages")
    assert said.returncode == 1
    assert "--input query=..." in said.stdout


def test_a_sandbox_takes_the_same(asks: Path, sandbox_factory) -> None:
    box = sandbox_factory(data={"b": f"sqlite:///{asks / 'b.db'}"}, executor="inline")
    assert box.run(asks / "project", "ages", input_={"query": QUERY}).result == [4]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--input", "query"], "--input 'query': NAME=VALUE is expected"),
        (["--input", "query=1", "--input", "query=2"], "--input 'query=2'"),
        (["--input", "method=ages"], "--method says that"),
        (["--input", "kwargs={}"], "--kwarg says that"),
    ],
)
def test_what_cannot_be_is_said(asks: Path, arguments: list[str], named: str) -> None:
    said = run(asks, "--method", "ages", *arguments)
    assert said.returncode == 2
    assert named in said.stderr


def test_a_replay_takes_none(asks: Path) -> None:
    said = run(asks, "--input", f"query={QUERY}", "--replay", ".")
    assert said.returncode == 2
    assert "--replay and --input do not go together" in said.stderr


def test_only_rows_of_csv_files_are_pooled(asks: Path) -> None:
    said = run(asks, "--method", "master", "--input", f"query={QUERY}", "--pooled")
    assert said.returncode == 2
    assert said.stderr.startswith("error: --pooled: sqlite:///"), said.stderr
    assert "is the address of a database" in said.stderr
    (asks / "latin.csv").write_bytes("name\nJos\u00e9\n".encode("latin-1"))
    given = ("--data", "latin.csv", "--data", "latin.csv", "--method", "master", "--pooled")
    said = v6sim("run", "project", *given, cwd=asks)
    assert said.returncode == 2
    assert "latin.csv cannot be read as a CSV file in UTF-8" in said.stderr


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
def test_a_relative_path_of_sqlite_counts_from_the_current_folder(asks: Path, scheme: str) -> None:
    data = ("--data", f"{scheme}:///a.db", "--data", f"{scheme}:///other/a.db")
    said = v6sim("run", "project", *data, "--method", "ages", "--input", f"query={QUERY}", cwd=asks)
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.splitlines()[-2:] == ["a: [3]", "a 2: [5]"]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("sqlite:///gone.db", "leads to no file (looked for {folder}/gone.db)"),
        ("sqlite:////gone/gone.db", "leads to no file (looked for /gone/gone.db)"),
        ("sqlite:///other", "leads to a folder ({folder}/other)"),
        ("sqlite:///file:gone.db?mode=ro&uri=true", "leads to no file (looked for {folder}/gone."),
        ("sqlite:////dev/zero", "leads to /dev/zero, which is a device"),
        ("sqlite://", "is a database in memory"),
        ("sqlite:///:memory:", "is a database in memory"),
        ("sqlite://a.db", "has two slashes where three are expected: sqlite:///a.db"),
    ],
)
def test_a_file_of_sqlite_has_to_be_there(asks: Path, address: str, named: str) -> None:
    said = v6sim("run", "project", "--data", address, "--method", "ages", cwd=asks)
    assert said.returncode == 2
    assert said.stderr.startswith(
        f"error: --data: {address!r} {named.format(folder=asks.resolve())}"
    )
    assert not list(asks.glob("gone*"))


def test_a_relative_path_of_sqlite_in_a_world_counts_from_its_file(asks: Path) -> None:
    where = {"databases": {"default": "sqlite:///../a.db?timeout=5"}}
    world = {
        "organizations": [{"name": "a"}],
        "collaborations": [{"name": "b", "participants": [{"name": "a", **where}]}],
    }
    (asks / "other" / "world.json").write_text(json.dumps(world))
    [participant] = World.load(asks / "other" / "world.json").collaborations[0].participants
    assert participant.databases == {"default": f"sqlite:///{asks.resolve()}/a.db?timeout=5"}


def test_a_relative_path_of_sqlite_in_a_test_counts_from_the_current_folder(
    asks: Path, sandbox_factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(asks)
    box = sandbox_factory(data={"b": "sqlite:///b.db"}, executor="inline")
    assert box.run(asks / "project", "ages", input_={"query": QUERY}).result == [4]


def test_no_password_is_told(asks: Path) -> None:
    address = "postgresql+psycopg://ada:s3cret@127.0.0.1:9/x"
    given = ("--data", address, "--method", "ages", "--input", f"query={QUERY}", "--json", "-v")
    said = v6sim("run", "project", *given, cwd=asks)
    assert said.returncode == 1
    assert "postgresql+psycopg://ada:***@127.0.0.1:9/x" in said.stdout
    assert "s3cret" not in said.stdout + said.stderr


def test_a_master_on_an_address_is_recorded_and_replayed_without_its_password(asks: Path) -> None:
    given = ("--method", "master", "--input", f"query={QUERY}", "--record", "kept")
    said = run(asks, *given, places=("a.db",))
    assert said.returncode == 0, said.stdout + said.stderr
    again = v6sim("run", "project", "--replay", "kept", cwd=asks)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.splitlines()[-1] == "a: 1"
    manifest = asks / "kept" / "recording.json"
    told = json.loads(manifest.read_text())
    told["master"]["data"] = "postgresql://ada:***@127.0.0.1:9/x"
    manifest.write_text(json.dumps(told))
    again = v6sim("run", "project", "--replay", "kept", cwd=asks)
    assert again.returncode == 2
    assert "whose password is not recorded" in again.stderr


def test_secrets_of_an_address_are_not_recorded(asks: Path, sandbox_factory) -> None:
    address = f"sqlite:///file:{asks / 'a.db'}?uri=true&password=hidden-1"
    box = sandbox_factory(data={"a": address}, executor="inline")
    (asks / "asks.py").write_text("def master(client, data):\n    return 1\n")
    code = (
        "from vantage6.tools.docker_wrapper import docker_wrapper; "
        "docker_wrapper('asks', load_data=False)"
    )
    folder = asks / "kept"
    box.run(asks, "master", command=["python", "-c", code], module="asks", record=folder)
    found = [file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file()]
    assert found
    assert not any("hidden-1" in text for text in found)
