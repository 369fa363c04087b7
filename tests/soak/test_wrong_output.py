"""Algorithms that leave no result, or something else in its place."""

from pathlib import Path

import pytest

from tests.soak.leaks import Leaks
from tests.soak.programs import REPEATS, ROSA, Program, docker_for, running, submit, world
from tests.wide import some
from v6sim.client import Client
from v6sim.wire.payload import to_bytes

_LEFT = {"nothing": b"", "garbage": b"\x00garbage\xff" * 1000}
_NO_FILES = ("a folder", "a pipe", "a link")


@pytest.mark.parametrize("executor", some(["process", "docker"], 2))
def test_what_is_there_comes_back_unless_it_is_no_file(executor: str, tmp_path: Path) -> None:
    docker = docker_for(executor)
    up = Program(
        tmp_path / "up", "up", "--port", "0", "--executor", executor, "--world", world(tmp_path)
    )
    with running(up), Client(up.address, *ROSA) as client:
        client.wait(submit(client, "count"))
        leaks = Leaks([up], client, docker)
        for _ in range(REPEATS):
            tasks = {what: submit(client, "leave", what=what) for what in (*_LEFT, *_NO_FILES)}
            runs = {what: client.wait(task).runs[0] for what, task in tasks.items()}
            for what, expected in _LEFT.items():
                assert (runs[what].status, to_bytes(runs[what].sealed)) == ("completed", expected)
            for what in _NO_FILES:
                assert (runs[what].status, runs[what].sealed) == ("crashed", "")
                assert "node > there is no result: output is no plain file" in runs[what].log
            leaks.check()
        leaks.check_handles()
        print(f"wrong outputs {REPEATS} times, {executor}; {leaks.handles}")
