"""Genuine nodes at our server, beside nodes of ours."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Any

import pytest

import v6sim
from tests.commands import running
from tests.genuine.federation import (
    API_KEYS,
    AVERAGE,
    GATE,
    LOGIN,
    NORTH,
    PARTS,
    PLAIN,
    SEALED,
    SOUTH,
    averages,
    data_of,
    description,
    gate_task,
    key_of,
    node_name,
    waiting,
)
from tests.genuine.images import algorithm_image
from tests.genuine.nodes import GenuineNode
from tests.genuine.people import Heard, Person
from tests.genuine.programs import free_port, until
from v6sim.wire.payload import read, to_bytes
from v6sim.wire.sizes import MIB

pytestmark = pytest.mark.xdist_group("genuine nodes")
with_the_genuine_client = pytest.mark.parametrize("play", ["3.7.3"], indirect=True)
NAME = node_name(PLAIN, NORTH)
AVERAGE_PACKAGE = Path(v6sim.__file__).parents[1] / "algorithms" / "average" / "v6_average"
TOKEN_SECONDS = 3
EXPIRED = "Your token is no longer valid"
PING_SECONDS = 1


class OurServer:
    """Our server in a process of its own, which can be restarted.

    Its access tokens live for so short that they expire over and over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"http://127.0.0.1:{self._port}/api"
        roles = ["Researcher", "Collaboration Admin"]
        world = description(email="rosa@org1.example", roles=roles)
        world["settings"] = {
            "token_expires_hours": TOKEN_SECONDS / 3600, "ping_seconds": PING_SECONDS,
            "max_result": "4 MiB",
        }  # fmt: skip
        (folder / "world.json").write_text(json.dumps(world))
        self._running = ExitStack()

    def start(self) -> None:
        place = ("--world", self._folder / "world.json", "--keep", self._folder / "kept")
        self._running.enter_context(running("server", *place, "--port", str(self._port)))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    server = OurServer(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def rosa(server: OurServer) -> Person:
    return Person(server.url, *LOGIN)


@pytest.fixture(scope="module")
def image() -> str:
    return algorithm_image(AVERAGE_PACKAGE)


@pytest.fixture(scope="module")
def node(server, tmp_path_factory) -> Iterator[GenuineNode]:
    """The first organization's node in the collaboration that does not encrypt."""
    folder = tmp_path_factory.mktemp("node")
    with GenuineNode(folder, server.url, API_KEYS[PLAIN, NORTH], data_of(NORTH)) as node:
        yield node


@contextmanager
def our_node(
    server: OurServer, collaboration: int, image: str, *more: str | Path
) -> Iterator[None]:
    """Our node of the second organization, without Docker."""
    about = (
        "--server", server.url, "--api-key", API_KEYS[collaboration, SOUTH],
        "--database", f"default={data_of(SOUTH)}", "--algorithm", f"{image}={AVERAGE_PACKAGE}",
    )  # fmt: skip
    with running("node", *about, *more):
        yield


@with_the_genuine_client
def test_the_averages_of_a_genuine_node_and_one_of_ours(play, server, node, rosa, image) -> None:
    assert rosa.is_online(NAME)
    with our_node(server, PLAIN, image):
        parts, average = play("tasks.py", server.url, json.dumps(averages(PLAIN, image)))["tasks"]
    assert [run["result"] for run in parts] == list(PARTS.values())
    assert [run["result"] for run in average] == [AVERAGE]
    assert all(run["status"] == "completed" for run in (*parts, *average))
    assert "info > wrapper for v6_average" in average[0]["log"]


@with_the_genuine_client
def test_they_are_the_same_encrypted_and_its_coming_and_going_is_told(
    play, server, rosa, image, tmp_path
) -> None:
    key, name = key_of(NORTH), node_name(SEALED, NORTH)
    about = (tmp_path, server.url, API_KEYS[SEALED, NORTH], data_of(NORTH), key)
    with rosa.hearing() as heard:
        with GenuineNode(*about), our_node(server, SEALED, image, "--private-key", key_of(SOUTH)):
            assert rosa.is_online(name)
            what = averages(SEALED, image, key)
            parts, average = play("tasks.py", server.url, json.dumps(what))["tasks"]
        until(lambda: not rosa.is_online(name))
        [row] = rosa("GET", "/node", name=name)
        goings = until(lambda: [each for each in heard if each[0] == "node-offline"][1:])
    assert [run["result"] for run in parts] == list(PARTS.values())
    assert [run["result"] for run in average] == [AVERAGE]
    about_it = {"id": row["id"], "name": name, "org_id": NORTH}
    assert ("node-online", about_it) in heard
    assert goings
    assert ("message", f"Node <{name}> joined room <collaboration_{SEALED}>") in heard


def test_a_failure_is_reported_with_its_log(rosa, node, image) -> None:
    task = rosa("POST", "/task", waiting("/mnt/data", image))  # the averages know no such method
    run = rosa.wait_for_status(task, "crashed")
    until(lambda: rosa.run_of(task)["finished_at"])
    assert "method 'RPC_wait' not found!" in rosa.run_of(task)["log"]
    assert rosa("GET", f"/task/{task['id']}")["status"] == "failed"
    assert run["started_at"]


def test_a_long_input_and_a_long_result_arrive_whole(rosa, node) -> None:
    text = "0123456789abcdef" * (3 * MIB // 16)
    task = rosa("POST", "/task", gate_task("echo", algorithm_image(GATE), text=text, times=1))
    run = rosa.wait_for_status(task, "completed")
    assert read(to_bytes(until(lambda: rosa.run_of(task)["result"]))) == text
    assert run["started_at"]


def test_a_result_that_is_too_large_ends_its_run_though_the_node_gives_up(rosa, node) -> None:
    task = rosa("POST", "/task", gate_task("echo", algorithm_image(GATE), text="x", times=6 * MIB))
    run = rosa.wait_for_status(task, "failed")
    assert "server > result is 6.0 MiB; limit is 4.0 MiB (max_result)" in run["log"]
    assert rosa("GET", f"/task/{task['id']}")["complete"]
    until(lambda: "result is 6.0 MiB; limit is 4.0 MiB (max_result)" in node.said)


@pytest.fixture
def gate(node: GenuineNode) -> Iterator[Path]:
    """The folder where algorithms of the node wait, as it is here."""
    yield node.mounted
    for name in ("begun", "end"):
        (node.mounted / name).unlink(missing_ok=True)


@pytest.fixture
def waits(rosa: Person, gate: Path) -> Any:
    """A task that waits at the gate."""
    task = rosa("POST", "/task", waiting("/mnt/data", algorithm_image(GATE)))
    until((gate / "begun").exists)
    rosa.wait_for_status(task, "active")
    return task


@pytest.mark.parametrize("kill", ["task", "node/tasks"])
def test_it_obeys_a_kill(rosa, node, waits, kill) -> None:
    assert len(node.containers()) == 1
    with rosa.hearing() as heard:
        rosa("POST", f"/kill/{kill}", {"id": rosa.killable(waits, kill)})
        until(lambda: not node.containers())
        run = rosa.wait_for_status(waits, "killed by user")
        change = {"result_id": run["id"], "status": "killed by user", "run_id": waits["run_id"]}
        until(lambda: any(change.items() <= dict(each).items() for each in _changes(heard)))
    assert run["result"] is None
    # it says of none when it ended; of a task the server does at once, else nobody: the run is open
    assert bool(run["finished_at"]) == (kill == "task")
    rosa("DELETE", f"/task/{waits['id']}")


def test_it_outlives_a_restart_of_the_server_and_its_token(rosa, node, server, gate) -> None:
    """Between two runs: one that is under way it would start again, and then never report."""
    expired, before = time.monotonic() + TOKEN_SECONDS, node.said.count(EXPIRED)
    server.stop()
    until(lambda: time.monotonic() > expired)
    server.start()
    until(lambda: node.said.count(EXPIRED) > before)
    until(lambda: rosa.is_online(NAME))
    (gate / "end").touch()
    task = rosa("POST", "/task", waiting("/mnt/data", algorithm_image(GATE)))
    run = rosa.wait_for_status(task, "completed")
    assert read(to_bytes(run["result"])) == {"rows": 4}


def test_it_is_offline_while_it_answers_no_pings(rosa, node) -> None:
    node.signal(SIGSTOP)
    until(lambda: not rosa.is_online(NAME))
    node.signal(SIGCONT)
    until(lambda: rosa.is_online(NAME))


def test_after_a_crash_of_its_it_does_what_was_left(rosa, node, waits, gate) -> None:
    node.stop(SIGKILL)
    until(lambda: not rosa.is_online(NAME))
    (gate / "begun").unlink()
    node.start()
    assert rosa.is_online(NAME)
    until((gate / "begun").exists)
    (gate / "end").touch()
    run = rosa.wait_for_status(waits, "completed")
    assert read(to_bytes(run["result"])) == {"rows": 4}


def _changes(heard: Heard) -> list[Any]:
    return [data for name, data in heard if name == "algorithm_status_change"]
