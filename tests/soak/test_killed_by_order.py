"""An algorithm that ignores SIGTERM, and so do the processes that it has started."""

import time
import uuid
from pathlib import Path

import pytest

from tests.commands import until
from tests.soak.leaks import Leaks, alive
from tests.soak.programs import (
    REPEATS,
    ROSA,
    Program,
    docker_for,
    running,
    submit,
    tree,
    world,
)
from tests.wide import some
from v6sim.client import Client

_SECOND = 1.0  # within which all is to be gone


@pytest.mark.parametrize("executor", some(["process", "docker"], 2))
def test_a_kill_ends_all_processes_of_a_run_within_a_second(executor: str, tmp_path: Path) -> None:
    docker, took = docker_for(executor), dict[str, list[float]](task=[], node=[])
    up = Program(
        tmp_path / "up", "up", "--port", "0", "--executor", executor, "--world", world(tmp_path, 3)
    )
    with running(up), Client(up.address, *ROSA) as client:
        client.wait(submit(client, "count", [2, 3, 4]))
        leaks = Leaks([up], client, docker)
        for number in range(max(REPEATS, len(took))):
            what = "node" if number % 2 else "task"
            took[what].append(_kill(client, what))
            leaks.check()
        leaks.check_handles()
    for what, seconds in took.items():
        print(f"POST /kill/{what}, {executor}: {len(seconds)} times, at most {max(seconds):.2f} s")
    assert max(max(seconds) for seconds in took.values()) < _SECOND


def _kill(client: Client, what: str) -> float:
    """Have a master with two subtasks, or what a node runs, killed; how long that took."""
    mark = uuid.uuid4().hex
    task = submit(client, "persist" if what == "task" else "resist", mark=mark)
    runs = 2 if what == "task" else 1
    until(lambda: len(tree(mark)) == 4 * runs)  # each: three shells and who started them
    processes = tree(mark)
    begun = time.monotonic()
    if what == "task":
        client.kill(task)
    else:
        (node,) = [row for row in client._request("GET", "/node") if row["name"].startswith("org1")]
        client._request("POST", "/kill/node/tasks", json={"id": node["id"]})
    until(lambda: not alive(processes))
    took = time.monotonic() - begun
    assert {run.status for each in client.wait(task) for run in each.runs} == {"killed by user"}
    return took
