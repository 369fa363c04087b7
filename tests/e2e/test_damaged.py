"""A kept database that is damaged: one clear line, wherever it shows."""

import os
import random
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import httpx
import pytest

from tests.commands import ended, running, v6sim
from tests.conftest import PASSWORDS, task_body
from tests.small_disk import small_disk
from tests.wide import some

PAGE = 4096
TASKS = 60
DATABASE = "v6sim.sqlite"


def log_in(address: str, name: str = "researcher") -> dict[str, str]:
    login = {"username": name, "password": PASSWORDS[name]}
    token = httpx.post(f"{address}/token/user", json=login).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def create_tasks(address: str, count: int, size: int) -> None:
    headers = log_in(address)
    body = task_body(2)
    body["organizations"][0]["input"] = "a" * size
    with httpx.Client(base_url=address, headers=headers) as client:
        for _ in range(count):
            assert client.post("/task", json=body).status_code == 201


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that a server has kept some tasks in."""
    keep = tmp_path_factory.mktemp("damaged") / "kept"
    with running("server", "--port", "0", "--keep", keep) as (_, address):
        create_tasks(address, TASKS, size=3000)
    return keep


@pytest.fixture
def keep(original: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    subprocess.run(["cp", "-r", original, tmp_path / "kept"], check=True)
    return tmp_path / "kept"


def page_count(file: Path) -> int:
    return file.stat().st_size // PAGE


def overwrite(file: Path, pages: range | list[int]) -> None:
    """Write other bytes over some pages; the first one is 1."""
    with file.open("r+b") as opened:
        for page in pages:
            opened.seek((page - 1) * PAGE)
            opened.write(random.Random(page).randbytes(PAGE))


def root_page(file: Path, name: str) -> int:
    """The page at which a table or index begins."""
    with closing(sqlite3.connect(file)) as connection:
        statement = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return int(connection.execute(statement, (name,)).fetchone()[0])


def execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def overwrite_table(name: str) -> Callable[[Path], None]:
    return lambda file: overwrite(file, [root_page(file, name)])


def replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "other content": (lambda file: file.write_text("no database" * 999), "file is not a database"),
    "its first page": (lambda file: overwrite(file, [1]), "file is not a database"),
    "all other pages": (lambda file: overwrite(file, range(2, page_count(file) + 1)), "malformed"),
    "some pages": (lambda file: overwrite(file, range(20, 40)), "it is damaged: "),
    "its last page": (lambda file: overwrite(file, [page_count(file)]), "it is damaged: "),
    "the table of tasks": (overwrite_table("task"), "it is damaged: "),
    "the table of users": (overwrite_table("user"), "it is damaged: "),
    "the table of identities": (overwrite_table("identity"), "it is damaged: "),
    "an index": (overwrite_table("ix_run_task_id"), "it is damaged: "),
    "half of it gone": (lambda file: os.truncate(file, page_count(file) // 2 * PAGE), "malformed"),
    "cut off in a page": (lambda file: os.truncate(file, 9 * PAGE + 77), "malformed"),
    "all of it gone": (lambda file: os.truncate(file, 0), "is empty: "),
    "a folder": (replace_by_folder, "unable to open database file. See that its folder is there"),
    "a column is missing": (
        lambda file: execute(file, "ALTER TABLE task DROP COLUMN name"),
        "its table 'task' is not as expected: no such column: task.name. Another version",
    ),
}


def check_said(said: subprocess.CompletedProcess[str], *texts: str) -> None:
    """It ends with one clear line that has these texts."""
    assert said.returncode == 2
    assert said.stderr.startswith("error: ")
    assert len(said.stderr.splitlines()) == 1, said.stderr
    for text in texts:
        assert text in said.stderr


@pytest.mark.parametrize(("kind", "command"), some(product(DAMAGE, ("server", "up")), 5))
def test_what_is_damaged_is_said_in_one_line_at_the_start(keep, kind, command) -> None:
    damage, expected = DAMAGE[kind]
    damage(keep / DATABASE)
    said = v6sim(command, "--port", "0", "--keep", keep)
    check_said(said, str(keep / DATABASE), expected)
    if "column" not in expected and "folder" not in expected:
        assert "ut a copy of it in its place, or remove it to start anew" in said.stderr


@pytest.fixture
def killed(keep: Path) -> Path:
    """The folder as a server leaves it that is killed: with changes that are not written back."""
    with running("server", "--port", "0", "--keep", keep) as (child, address):
        create_tasks(address, 5, size=3000)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert (keep / f"{DATABASE}-wal").stat().st_size > 5 * 3000
    return keep


@pytest.mark.parametrize("place", [4, 100], ids=["header", "first change"])
def test_changes_that_are_lost_to_damage_are_not_passed_over(killed, place) -> None:
    log = killed / f"{DATABASE}-wal"
    with log.open("r+b") as opened:
        opened.seek(place)
        opened.write(b"damaged" * 3)
    for _ in range(2):  # the first time changes nothing
        said = v6sim("server", "--port", "0", "--keep", killed)
        check_said(said, f"the changes in {log} cannot be read, or not all of them")
    log.unlink()
    with running("server", "--port", "0", "--keep", killed) as (_, address):
        assert len(httpx.get(f"{address}/task", headers=log_in(address)).json()) >= TASKS


def test_a_change_that_was_cut_off_by_the_end_of_the_program_is_not_damage(killed) -> None:
    log = killed / f"{DATABASE}-wal"
    os.truncate(log, log.stat().st_size - 1000)
    with running("server", "--port", "0", "--keep", killed) as (_, address):
        tasks = httpx.get(f"{address}/task", headers=log_in(address)).json()
        assert TASKS <= len(tasks) <= TASKS + 5


@pytest.mark.parametrize("part", [0.5, 1])
def test_a_log_that_has_lost_its_end_is_said(killed, part) -> None:
    log = killed / f"{DATABASE}-wal"
    size = log.stat().st_size
    os.truncate(log, int(size * part))
    with running("server", "--port", "0", "--keep", killed) as (child, _):
        child.terminate()
        _, said = ended(child)
    assert (f"{log} has lost its end: it has " in said) == (part < 1), said


CONTENTS = [
    b"{", b"[]", b"\xff\xfe\x00", b"", b'{"jwt_secret_key": 5}', b'{"a": ""}', b"[" * 100_000,
    b'{"a":' * 100_000,
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    some(product(["secrets.json", "world.json"], CONTENTS), 3),
    ids=lambda given: repr(given[:20]),
)
def test_a_damaged_file_beside_it_is_said_in_one_line(keep, name, content) -> None:
    (keep / name).write_bytes(content)
    said = v6sim("server", "--port", "0", "--keep", keep)
    check_said(said, f"{keep / name} is not as it was written: ")


@pytest.mark.parametrize(
    "name", ["secrets.json", "world.json", "lock", DATABASE, f"{DATABASE}-wal", "keys/a.pem"]
)
def test_a_pipe_in_the_place_of_a_file_is_said_and_not_waited_for(keep, name) -> None:
    (keep / name).parent.mkdir(exist_ok=True)
    (keep / name).unlink(missing_ok=True)
    os.mkfifo(keep / name)
    said = v6sim("server", "--port", "0", "--keep", keep)
    check_said(said, f"{keep / name} is no plain file: put a copy of it in its place, or remove it")


@pytest.mark.parametrize("name", ["secrets.json", "world.json", "v6sim.sqlite"])
@pytest.mark.parametrize("to", ["nowhere", "itself"])
def test_a_link_that_leads_nowhere_is_said_and_hides_nothing(keep, name, to) -> None:
    (keep / name).unlink()
    (keep / name).symlink_to(keep / (name if to == "itself" else "nowhere"))
    said = v6sim("server", "--port", "0", "--keep", keep)
    check_said(said, f"{keep / name} is no plain file: put a copy of it in its place, or remove it")


def test_what_is_kept_is_for_its_owner_alone(tmp_path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    for mode in (0o600, 0o644):
        with running("server", "--port", "0", "--keep", folder) as (child, _):
            for file in folder.glob("v6sim.sqlite*"):
                assert file.stat().st_mode & 0o077 == 0 or file.name.endswith("-ballast")
            child.terminate()
            ended(child)
        (folder / "v6sim.sqlite").chmod(mode)


def test_a_pipe_in_the_place_of_a_database_is_said_and_not_waited_for(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    world = tmp_path / "world.yaml"
    world.write_text(f"settings: {{database_url: 'sqlite:///{tmp_path / 'pipe'}'}}")
    said = v6sim("server", "--port", "0", "--world", world)
    check_said(said, "cannot be used: it is no plain file")


def test_other_files_that_are_nested_too_deeply_are_said(tmp_path) -> None:
    deep = "[" * 100_000
    (tmp_path / "recording.json").write_text(deep)
    (tmp_path / "ledger").write_text(deep)
    (tmp_path / "data.csv").write_text("a\n1\n")
    for arguments, text in (
        (("run", "x", "--data", tmp_path / "data.csv", "--replay", tmp_path), "holds no recording"),
        (("egress", "--file", tmp_path / "ledger"), "is no entry of a ledger"),
        (("explain", "root", "POST", "/task", "--body", deep), "is not JSON"),
    ):
        said = v6sim(*arguments)
        assert said.returncode == 2, said.stderr[-500:]
        assert text in said.stderr
        assert "Traceback" not in said.stderr


def test_a_file_in_place_of_the_folder_is_said(tmp_path) -> None:
    (tmp_path / "kept").touch()
    said = v6sim("server", "--port", "0", "--keep", tmp_path / "kept")
    check_said(said, "is no folder: name one, which is made if need be")


def test_another_program_that_uses_the_database_is_said(keep) -> None:
    with closing(sqlite3.connect(keep / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = v6sim("server", "--port", "0", "--keep", keep)
    check_said(said, "database is locked. Another program uses it: stop that one")


def test_a_database_that_cannot_be_written_is_said(original, tmp_path) -> None:
    with small_disk(tmp_path / "disk", 16 * 2**20):
        subprocess.run(["cp", "-r", original, tmp_path / "disk" / "kept"], check=True)
        file = tmp_path / "disk" / "kept" / DATABASE
        world = tmp_path / "world.yaml"
        world.write_text(f"settings: {{database_url: 'sqlite:///{file}'}}")
        subprocess.run(["mount", "-o", "remount,ro", tmp_path / "disk"], check=True)
        said = v6sim("server", "--port", "0", "--world", world)
    check_said(said, f"{file} cannot be used: ", "that you may write it")


@pytest.fixture
def large(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str], str]]:
    """A server that serves more than it has in memory."""
    keep = tmp_path / "kept"
    with running("server", "--port", "0", "--keep", keep) as (child, address):
        create_tasks(address, 100, size=60_000)
        yield keep, child, address


def test_damage_that_shows_later_is_logged_in_one_line_and_all_else_goes_on(large) -> None:
    keep, child, address = large
    headers, file = log_in(address), keep / DATABASE
    overwrite(file, range(page_count(file) // 4, page_count(file) // 2))
    results = [httpx.get(f"{address}/result/{n}", headers=headers) for n in range(1, 101)]
    failed = [answer for answer in results if answer.status_code != 200]
    assert failed
    for answer in failed:
        assert answer.status_code == 500
        assert answer.json() == {
            "msg": "the server's database cannot be used: see the server's log"
        }
    assert httpx.get(f"{address}/node", headers=headers).status_code == 200
    child.terminate()
    _, complaints = ended(child)
    lines = complaints.splitlines()
    assert 1 <= len(lines) <= 2, complaints  # there are two ways in which a page can be wrong
    for line in lines:
        assert f"ERROR v6sim.server.store.error_translation: the database sqlite:///{file} " in line
