"""No room on a disk: that is said, reads and deletions go on, nothing is half-written."""

import json
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from tests.commands import ended, running, until, v6sim
from tests.conftest import API_KEYS, PASSWORDS, task_body
from tests.small_disk import fill, small_disk
from v6sim.control_client import ControlClient
from v6sim.wire.payload import serialize, to_text

SIZE = 3 * 2**20
INPUT = "a" * 20_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    with small_disk(folder, SIZE):
        yield folder


@pytest.fixture
def as_user() -> Iterator[Callable[[str, str], httpx.Client]]:
    """Calls of users who are logged in: by the server's address and their name."""
    with ExitStack() as clients:

        def log_in(address: str, name: str) -> httpx.Client:
            client = clients.enter_context(httpx.Client(base_url=address, timeout=30))
            login = {"username": name, "password": PASSWORDS[name]}
            answer = client.post("/token/user", json=login)
            assert answer.status_code == 200, answer.text
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            return client

        yield log_in


def create_task(client: httpx.Client, size: int = len(INPUT)) -> httpx.Response:
    body = task_body(2)
    body["organizations"][0]["input"] = "a" * size
    return client.post("/task", json=body)


def check_refused(answer: httpx.Response) -> None:
    """It is refused for want of room, and says what to do."""
    assert answer.status_code == 507, answer.text
    assert "no room left to store this: delete tasks" in answer.json()["msg"]


def ballast(keep: Path) -> Path:
    return keep / "v6sim.sqlite-ballast"


def check_database(keep: Path) -> None:
    """The database is whole."""
    connection = sqlite3.connect(keep / "v6sim.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.parametrize("size", [20_000, 200_000, 700_000])
def test_120_tasks_are_stored_or_refused_and_deleting_makes_room(disk, as_user, size) -> None:
    keep = disk / "kept"
    with running("server", "--port", "0", "--keep", keep) as (child, address):
        assert ballast(keep).stat().st_blocks * 512 >= 2**18
        researcher, root = as_user(address, "researcher"), as_user(address, "root")
        answers = [create_task(researcher, size) for _ in range(120)]
        assert {answer.status_code for answer in answers} == {201, 507}
        for answer in answers:
            if answer.status_code == 507:
                check_refused(answer)
        made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
        assert sorted(row["id"] for row in researcher.get("/task").json()) == made
        assert [root.delete(f"/task/{key}").status_code for key in made] == [200] * len(made)
        assert create_task(researcher, size).status_code == 201
        assert ballast(keep).exists()
        child.terminate()
        _, complaints = ended(child)
    check_database(keep)
    said = complaints.splitlines()
    assert sum("there is no room on the file system mounted at" in line for line in said) == 1
    assert f"mounted at {disk} (" in said[0]
    assert str(keep / "v6sim.sqlite") in said[0]
    assert len(said) <= 2, complaints
    assert "Traceback" not in complaints


def make_sparse(file: Path) -> None:
    with file.open("wb") as content:
        content.truncate(2**20)


SPOILT: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "sparse": make_sparse,
    "too small": lambda file: file.write_bytes(bytes(4096)),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_reserve_that_takes_up_no_room_is_made_anew(disk, as_user, how) -> None:
    keep = disk / "kept"
    with running("server", "--port", "0", "--keep", keep) as (child, _):
        child.terminate()
        ended(child)
    SPOILT[how](ballast(keep))
    with running("server", "--port", "0", "--keep", keep) as (_, address):
        assert ballast(keep).lstat().st_blocks * 512 >= 2**18
        researcher, root = as_user(address, "researcher"), as_user(address, "root")
        made = [create_task(researcher).json()["id"] for _ in range(10)]
        fill(disk)
        assert [root.delete(f"/task/{key}").status_code for key in made] == [200] * 10


WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/organization", {"name": "new"}),
    ("PATCH", "/organization/2", {"name": "renamed"}),
    ("POST", "/collaboration", {"name": "new", "organization_ids": [2]}),
    ("PATCH", "/collaboration/1", {"name": "renamed"}),
    ("POST", "/role", {"name": "new", "description": "", "rules": [1], "organization_id": 2}),
    ("POST", "/user", {
        "username": "new", "password": "New-password-1", "firstname": "n", "lastname": "n",
        "email": "n@n.example", "organization_id": 2, "roles": [], "rules": [],
    }),
    ("PATCH", "/user/3", {"firstname": "renamed"}),
    ("PATCH", "/password/change", {"current_password": "root", "new_password": "New-password-1"}),
    ("PATCH", "/node/8", {"name": "renamed"}),
    ("POST", "/kill/task", {"id": 1}),
]  # fmt: skip


def test_on_a_disk_that_others_have_filled_all_but_writing_goes_on(disk, as_user) -> None:
    keep = disk / "kept"
    with running("server", "--port", "0", "--keep", keep) as (child, address):
        researcher, root = as_user(address, "researcher"), as_user(address, "root")
        made = [create_task(researcher).json()["id"] for _ in range(20)]
        others = fill(disk)
        check_refused(create_task(researcher))
        for method, path, body in WRITES:
            check_refused(root.request(method, path, json=body))
        assert len(root.get("/task").json()) == 20
        assert root.get("/user").status_code == 200
        check_log_in_and_connect(address, as_user)
        for key in made[:15]:
            assert root.delete(f"/task/{key}").status_code == 200
        assert len(root.get("/task").json()) == 5
        others.unlink()
        assert create_task(researcher).status_code == 201
        assert ballast(keep).exists()
        assert root.get("/collaboration/1").json()["name"] == "example_collab1"
        child.terminate()
        _, complaints = ended(child)
    check_database(keep)
    assert complaints.count("there is no room on") == complaints.count("there is room again") == 1
    assert "Traceback" not in complaints


def check_log_in_and_connect(address: str, as_user: Any) -> None:
    """Users and nodes sign in and are connected, even if that cannot be written down."""
    wrong = httpx.post(f"{address}/token/user", json={"username": "viewer", "password": "wrong"})
    assert wrong.status_code == 401
    as_user(address, "viewer")
    signed = httpx.post(f"{address}/token/node", json={"api_key": API_KEYS[0]}).json()
    node = socketio.Client(reconnection=False)
    headers = {"Authorization": f"Bearer {signed['access_token']}"}
    node.connect(address.removesuffix("/api"), headers=headers, namespaces=["/tasks"])
    assert node.connected
    node.disconnect()


def test_what_is_reset_is_as_at_the_start_on_a_full_disk_too(disk, as_user) -> None:
    with running("server", "--port", "0", "--keep", disk / "kept") as (_, address):
        researcher = as_user(address, "researcher")
        for _ in range(20):
            create_task(researcher)
        fill(disk)
        with ControlClient(address.removesuffix("/api")) as control:
            control.ask("POST", "/reset")
        assert researcher.get("/task").json() == []


@pytest.mark.parametrize("is_full", [False, True], ids=["with room", "without room"])
def test_killed_in_the_middle_it_starts_again_with_all_that_it_had_confirmed(
    disk, as_user, is_full
) -> None:
    keep = disk / "kept"
    with running("server", "--port", "0", "--keep", keep) as (child, address):
        researcher = as_user(address, "researcher")
        answers = [create_task(researcher) for _ in range(120 if is_full else 30)]
        statuses = Counter(answer.status_code for answer in answers)
        if is_full:
            fill(disk)
        child.send_signal(signal.SIGKILL)
        child.wait()
    with running("server", "--port", "0", "--keep", keep) as (child, address):
        assert ballast(keep).exists() is not is_full
        researcher, root = as_user(address, "researcher"), as_user(address, "root")
        assert len(researcher.get("/task").json()) == statuses[201]
        assert root.delete("/task/1").status_code == 200
        if is_full:
            check_refused(create_task(researcher))
    check_database(keep)


def test_a_folder_without_room_is_said_at_the_start_and_nothing_is_left_in_it(
    disk, as_user
) -> None:
    keep = disk / "kept"
    keep.mkdir()
    (keep / "lock").touch()
    others = fill(disk)
    said = v6sim("server", "--port", "0", "--keep", keep)
    assert said.returncode == 2
    assert f"there is no room for it on the file system mounted at {disk} (0 of" in said.stderr
    assert [each.name for each in keep.iterdir()] == ["lock"]
    with others.open("r+b") as file:  # enough for secrets and the like, but not for a database
        file.truncate(others.stat().st_size - 2**16)
    said = v6sim("server", "--port", "0", "--keep", keep)
    assert said.returncode == 2
    assert "v6sim.sqlite cannot be used: " in said.stderr
    assert f"the file system mounted at {disk} (" in said.stderr
    assert "Traceback" not in said.stderr
    others.unlink()
    with running("server", "--port", "0", "--keep", keep, "--world", "manual") as (_, address):
        assert create_task(as_user(address, "researcher")).status_code == 201


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An algorithm, and a file of data."""
    (tmp_path / "algo").mkdir()
    code = "def RPC_rows(data):\n    return len(data)\n\ndef m(client, data):\n    return 'm'\n"
    (tmp_path / "algo" / "__init__.py").write_text(code)
    (tmp_path / "a.csv").write_text("x\n" + "1\n" * 5000)
    return tmp_path


RUN = ("run", "{here}/algo", "--data", "{here}/a.csv", "--method")
WRITERS = {
    "junit": (*RUN, "rows", "--junit", "{disk}/out.xml"),
    "trace": (*RUN, "rows", "--trace", "{disk}/out.html"),
    "record": (*RUN, "m", "--master", "--record", "{disk}/out"),
    "key": ("keys", "new", "{disk}/out.pem"),
    "parts": ("split", "{here}/a.csv", "--to", "{disk}/out"),
    "algorithm": ("new", "algorithm", "out", "--dir", "{disk}"),
    "world": ("world", "new", "{disk}"),
    "handout": ("server", "--port", "0", "--handout", "{disk}/out"),
}


@pytest.mark.parametrize(
    ("name", "pages"),
    [*((name, 0) for name in WRITERS), ("parts", 3), ("algorithm", 4), ("world", 2)],
)
def test_a_file_that_does_not_fit_is_not_begun(disk, package, name, pages) -> None:
    others = fill(disk)
    with others.open("r+b") as file:
        file.truncate(others.stat().st_size - 4096 * pages)
    said = v6sim(*(word.format(disk=disk, here=package) for word in WRITERS[name]), cwd=package)
    assert said.returncode == 2, said.stdout + said.stderr
    assert f"there is no room for it on the file system mounted at {disk} (" in said.stderr
    assert "Traceback" not in said.stderr
    assert [each for each in disk.rglob("*") if each.is_file() and each != others] == []


def test_an_older_file_stays_as_it_is_if_a_newer_one_does_not_fit(disk, package) -> None:
    (disk / "out.xml").write_text("older")
    fill(disk)
    words = (word.format(disk=disk, here=package) for word in WRITERS["junit"])
    assert v6sim(*words, cwd=package).returncode == 2
    assert (disk / "out.xml").read_text() == "older"


def test_what_leaves_a_node_is_written_as_whole_lines(disk, package, as_user) -> None:
    """A line that does not fit is said, and the next one that fits is read again."""
    ledger = disk / "ledger"
    with running("server", "--port", "0") as (_, address):
        command = ("node", "--server", address, "--api-key", API_KEYS[0], "--egress", ledger)
        algorithm = ("--algorithm", f"some/image={package / 'algo'}")
        with running(*command, "--database", f"default={package / 'a.csv'}", *algorithm) as node:
            client = as_user(address, "researcher")
            others = fill(disk)
            run_rows(client)
            others.unlink()
            run_rows(client)
            node[0].terminate()
            _, complaints = ended(node[0])
    assert f"not written to {ledger}: [Errno 28] No space left on device" in complaints
    assert {json.loads(line)["run"] for line in ledger.read_text().splitlines()} == {2}


def run_rows(client: httpx.Client) -> None:
    """Run the algorithm to its end."""
    body = task_body(2)
    body["organizations"][0]["input"] = to_text(serialize({"method": "rows"}))
    task = client.post("/task", json=body).json()
    until(lambda: bool(client.get(f"/task/{task['id']}").json()["complete"]))
