"""Our nodes at the genuine server."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGKILL
from typing import Any

import psutil
import pytest

from tests.commands import running
from tests.genuine.federation import (
    API_KEYS,
    AVERAGE,
    GATE,
    LOGIN,
    NORTH,
    ORGANIZATIONS,
    PARTS,
    PLAIN,
    SEALED,
    averages,
    data_of,
    description,
    gate_task,
    key_of,
    node_name,
    waiting,
)
from tests.genuine.people import Person
from tests.genuine.programs import until
from tests.genuine.servers import GenuineServer
from v6sim.wire.payload import read, to_bytes
from v6sim.wire.sizes import MIB

pytestmark = pytest.mark.xdist_group("our nodes")
IMAGE = "harbor2.vantage6.ai/demo/average"
with_the_genuine_client = pytest.mark.parametrize("play", ["3.7.3"], indirect=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GenuineServer]:
    server = GenuineServer(tmp_path_factory.mktemp("server"))
    server.configure(jwt_secret_key="the first secret")
    with server:
        server.load(description(email="rosa@org1.example"))
        yield server


@pytest.fixture(scope="module")
def rosa(server: GenuineServer) -> Person:
    return Person(server.url, *LOGIN)


@contextmanager
def our_node(
    server: GenuineServer, collaboration: int, organization: int, *more: str | Path
) -> Iterator[psutil.Process]:
    """One of our nodes, online, in a process of its own."""
    about = (
        "--server", server.url, "--api-key", API_KEYS[collaboration, organization],
        "--database", f"default={data_of(organization)}", "--algorithm", f"gate={GATE}",
    )  # fmt: skip
    with running("node", *about, *more) as (child, _):
        yield psutil.Process(child.pid)


@pytest.fixture(scope="module")
def nodes(server: GenuineServer) -> Iterator[None]:
    """Those of the collaboration that does not encrypt."""
    with ExitStack() as stack:
        for organization in ORGANIZATIONS:
            stack.enter_context(our_node(server, PLAIN, organization))
        yield


@with_the_genuine_client
def test_the_genuine_client_gets_the_averages(play, server, nodes) -> None:
    parts, average = play("tasks.py", server.url, json.dumps(averages(PLAIN, IMAGE)))["tasks"]
    assert [run["result"] for run in parts] == list(PARTS.values())
    assert [run["result"] for run in average] == [AVERAGE]
    assert all(run["status"] == "completed" for run in (*parts, *average))
    assert "Asking 2 organizations" in average[0]["log"]


@with_the_genuine_client
def test_the_genuine_client_gets_them_encrypted(play, server) -> None:
    with ExitStack() as stack:
        for organization in ORGANIZATIONS:
            key = ("--private-key", key_of(organization))
            stack.enter_context(our_node(server, SEALED, organization, *key))
        what = averages(SEALED, IMAGE, key_of(NORTH))
        parts, average = play("tasks.py", server.url, json.dumps(what))["tasks"]
    assert [run["result"] for run in parts] == list(PARTS.values())
    assert [run["result"] for run in average] == [AVERAGE]


@pytest.mark.usefixtures("nodes")
def test_a_long_input_and_a_long_result_arrive_whole(rosa) -> None:
    text = "0123456789abcdef" * (3 * MIB // 16)
    task = rosa("POST", "/task", gate_task("echo", text=text, times=2))
    run = rosa.wait_for_status(task, "completed")
    assert read(to_bytes(run["result"])) == text * 2


@pytest.fixture
def gate(rosa: Person, nodes: None, tmp_path: Path) -> Callable[[], tuple[Any, int]]:
    """Makes a task that waits; gives it once it is active, and the id of its process."""

    def begin() -> tuple[Any, int]:
        task = rosa("POST", "/task", waiting(str(tmp_path)))
        rosa.wait_for_status(task, "active")
        return task, int((tmp_path / "begun").read_text())

    return begin


@pytest.mark.parametrize("kill", ["task", "node/tasks"])
def test_a_run_is_killed_on_the_servers_order(rosa, gate, kill) -> None:
    with rosa.hearing() as heard:
        task, process = gate()
        rosa("POST", f"/kill/{kill}", {"id": rosa.killable(task, kill)})
        until(lambda: not psutil.pid_exists(process))
        run = rosa.wait_for_status(task, "killed by user")
        changes = until(lambda: _changes(heard, run) if len(_changes(heard, run)) == 2 else [])
    assert changes == ["active", "killed by user"]
    assert run["finished_at"]
    assert run["result"] is None


def test_what_becomes_of_a_run_is_told_to_those_who_listen(rosa, gate, tmp_path) -> None:
    with rosa.hearing() as heard:
        task, _ = gate()
        (tmp_path / "end").touch()
        run = rosa.wait_for_status(task, "completed")
        until(lambda: len(_changes(heard, run)) >= 2)  # it is told after it has been reported
        assert _changes(heard, run) == ["active", "completed"]
    changes = [data for name, data in heard if name == "algorithm_status_change"]
    assert [(data["run_id"], data["organization_id"]) for data in changes] == [
        (task["run_id"], NORTH)
    ] * 2


def test_a_node_is_shown_offline_when_it_goes(rosa, server) -> None:
    name = node_name(SEALED, NORTH)
    about = (server, SEALED, NORTH, "--private-key", key_of(NORTH))
    for end in ("terminate", "kill"):
        with our_node(*about) as node:
            assert rosa.is_online(name)
            getattr(node, end)()
            until(lambda: not rosa.is_online(name))


@pytest.mark.parametrize("secret", ["the first secret", "another secret"])
def test_a_run_outlives_the_server(rosa, server, gate, tmp_path, secret) -> None:
    """Its node signs in anew where the server knows no token from before."""
    task, _ = gate()
    server.stop(SIGKILL)
    server.configure(jwt_secret_key=secret)
    (tmp_path / "end").touch()
    server.start()
    run = rosa.wait_for_status(task, "completed")
    assert read(to_bytes(run["result"])) == {"rows": 4}
    until(lambda: rosa.is_online(node_name(PLAIN, NORTH)))


def _changes(heard: Any, run: Any) -> list[str]:
    """The statuses of a run that were heard of."""
    changes = [data for name, data in heard if name == "algorithm_status_change"]
    return [data["status"] for data in changes if data["result_id"] == run["id"]]
