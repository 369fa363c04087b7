"""A node is killed in the midst of a run, in a way that leaves it no time for anything."""

import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.commands import PATIENCE
from tests.soak.leaks import Leaks, alive, in_docker
from tests.soak.programs import (
    REPEATS,
    ROSA,
    Program,
    docker_for,
    node_words,
    running,
    submit,
    until_active,
    world,
)
from v6sim.client import Client


@pytest.mark.parametrize("executor", ["process", "docker"])
def test_its_runs_are_made_by_the_next_one_and_nothing_of_it_stays(
    executor: str, tmp_path: Path
) -> None:
    docker = docker_for(executor)
    server = Program(tmp_path / "server", "server", "--port", "0", "--world", world(tmp_path))
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
