"""A node is killed in the midst of a run, in a way that leaves it no time for anything."""

import signal
import time
import uuid
from pathlib import Path

import psutil
import pytest

from tests.commands import PATIENCE, until
from tests.soak.leaks import Leaks, alive, in_docker
from tests.soak.programs import (
    REPEATS,
    ROSA,
    Program,
    docker_for,
    node_words,
    running,
    submit,
    tree,
    until_active,
    world,
)
from tests.wide import some
from v6sim.client import Client

_OF_A_SUBTASK = 4
"""Processes of a run that resists: three shells, and who started them."""


@pytest.mark.parametrize("executor", some(["process", "docker"], 2))
def test_its_runs_are_made_by_the_next_one_and_nothing_of_it_stays(
    executor: str, tmp_path: Path
) -> None:
    docker = docker_for(executor)
    server = Program(
        tmp_path / "server", "server", "--show-passwords", "--port", "0", "--world", world(tmp_path)
    )
    with running(server):
        node = Program(tmp_path / "node", *node_words(server), "--executor", executor)
        with running(node), Client(server.address, *ROSA) as client:
            assert client.wait(submit(client, "wait", seconds=0)).is_good
            leaks = Leaks([server, node], client, docker)
            slowest = 0.0
            for _ in range(REPEATS):
                task = submit(client, "wait", seconds=0.3)
                until_active(client, task)
                pid, family = node.pid, node.family()
                node.end(signal.SIGKILL)
                psutil.wait_procs(family, PATIENCE)
                assert not alive(family)
                begun = time.monotonic()
                node.start()
                assert docker is None or not in_docker(docker, pid)
                assert client.wait(task).is_good
                slowest = max(slowest, time.monotonic() - begun)
                leaks.check()
            leaks.check_handles()
            print(
                f"a node killed {REPEATS} times, {executor}: results of its runs after "
                f"{slowest:.1f} s at most; {leaks.handles}"
            )


def test_a_master_that_is_begun_anew_leaves_no_subtasks_from_before(tmp_path: Path) -> None:
    server = Program(
        tmp_path / "server",
        "server",
        "--show-passwords",
        "--port",
        "0",
        "--world",
        world(tmp_path, 2),
    )
    with running(server):
        nodes = [Program(tmp_path / f"node{n}", *node_words(server, n)) for n in (1, 2)]
        with running(*nodes), Client(server.address, *ROSA) as client:
            assert client.wait(submit(client, "count", [2, 3])).is_good
            leaks = Leaks([server, *nodes], client)
            for _ in range(REPEATS):
                _kill_the_master(client, nodes[0])
                leaks.check()
            leaks.check_handles()
            print(f"the node of a master killed {REPEATS} times; {leaks.handles}")


def _kill_the_master(client: Client, node: Program) -> None:
    """Kill the node of a master that waits for a subtask; the next one begins it anew."""
    mark = uuid.uuid4().hex
    task = submit(client, "persist", mark=mark)
    until(lambda: len(tree(mark)) == _OF_A_SUBTASK)
    before = tree(mark)
    node.end(signal.SIGKILL)
    node.start()
    until(lambda: not alive(before))
    until(lambda: len(tree(mark)) == _OF_A_SUBTASK)
    client.kill(task)
