"""No room on the disk of the folders of a node's runs: a small file system, mounted there."""

from pathlib import Path

import pytest

from tests.small_disk import fill, small_disk
from tests.soak.leaks import Leaks
from tests.soak.programs import (
    REPEATS,
    ROSA,
    Program,
    docker_for,
    node_words,
    running,
    submit,
    world,
)
from tests.wide import some
from v6sim.client import Client

_SIZE = 8 * 2**20


@pytest.mark.parametrize("executor", some(["process", "docker"], 2))
def test_a_run_that_fills_the_disk_crashes_and_says_so_and_the_next_one_does_not(
    executor: str, tmp_path: Path
) -> None:
    docker = docker_for(executor)
    server = Program(
        tmp_path / "server", "server", "--show-passwords", "--port", "0", "--world", world(tmp_path)
    )
    with small_disk(tmp_path / "node" / "tmp", _SIZE), running(server):
        node = Program(tmp_path / "node", *node_words(server), "--executor", executor)
        with running(node), Client(server.address, *ROSA) as client:
            assert client.wait(submit(client, "count")).is_good
            leaks = Leaks([server, node], client, docker)
            for _ in range(REPEATS):
                (filled,) = client.wait(submit(client, "fill", into="OUTPUT_FILE")).runs
                assert filled.status == "crashed"
                assert "there is no room left on the disk of" in filled.log
                leaks.check()  # its files are gone too
                _fail_for_want_of_room(client, node)
                assert client.wait(submit(client, "count")).is_good
                leaks.check()
            leaks.check_handles()
            print(f"disk full {REPEATS} times, {executor}; {leaks.handles}")


def _fail_for_want_of_room(client: Client, node: Program) -> None:
    """A run whose own files do not fit, as others have filled the disk."""
    others = fill(node.temporary)
    (run,) = client.wait(submit(client, "count")).runs
    others.unlink()
    assert run.status == "crashed"
    assert "the run's files cannot be written: [Errno 28] No space left on device" in run.log
