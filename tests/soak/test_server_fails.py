"""A server that answers reports with errors of its own, for a while."""

import time
from pathlib import Path

from tests.commands import until
from tests.soak.leaks import Leaks
from tests.soak.programs import REPEATS, ROSA, Program, node_words, running, submit, world
from v6sim.client import Client
from v6sim.control_client import ControlClient

_AT_ONCE = 8
_FAILURES = {"status": 500, "path": "/result/*", "method": "PATCH", "probability": 0.8}
_MANY = 5 * _AT_ONCE
"""Failures before it is well again: more than the three tries of a node that gives up."""


def test_all_results_arrive_and_no_run_is_given_up(tmp_path: Path) -> None:
    server = Program(
        tmp_path / "server", "server", "--show-passwords", "--port", "0", "--world", world(tmp_path)
    )
    with running(server):
        node = Program(tmp_path / "node", *node_words(server))
        with running(node), Client(server.address, *ROSA) as client:
            assert client.wait(submit(client, "count")).is_good
            leaks = Leaks([server, node], client)
            slowest = 0.0
            for _ in range(REPEATS):
                slowest = max(slowest, _fail_for_a_while(client, server))
                leaks.check()
            leaks.check_handles()
            print(
                f"{_AT_ONCE} runs at a failing server {REPEATS} times: results {slowest:.1f} s "
                f"after its recovery at most; {leaks.handles}"
            )


def _fail_for_a_while(client: Client, server: Program) -> float:
    """How long results take from when the server is well again."""
    before = len(_failures(server))
    with ControlClient(server.address) as control:
        control.ask("POST", "/faults", {"kind": "status", **_FAILURES})
    tasks = [submit(client, "count") for _ in range(_AT_ONCE)]
    until(lambda: len(_failures(server)) - before >= _MANY)
    with ControlClient(server.address) as control:
        control.ask("DELETE", "/faults")
    begun = time.monotonic()
    for task in tasks:
        assert client.wait(task, 60).is_good
    return time.monotonic() - begun


def _failures(server: Program) -> list[object]:
    """The requests that the server has failed."""
    with ControlClient(server.address) as control:
        found: list[object] = control.ask("GET", "/journal", query={"status": 500})
    return found
