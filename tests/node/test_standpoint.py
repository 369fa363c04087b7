"""Where a node stands, as its engine sees it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import docker
import pytest

from tests.images import engine, python_image
from v6sim.node.docker.standpoint import Standpoint
from v6sim.node.errors import RunError
from v6sim.runtime.process_identity import this_process

CONTAINED = Standpoint(
    "0" * 64,
    {
        PurePosixPath("/nodes"): PurePosixPath("/var/lib/docker/volumes/nodes/_data"),
        PurePosixPath("/nodes/1/data"): PurePosixPath("/home/rosa/data"),
    },
)


@pytest.fixture
def other() -> Iterator[Any]:
    """A container that runs."""
    container = engine().containers.run(python_image(), ["sleep", "1000"], detach=True)
    yield container
    with suppress(docker.errors.NotFound):
        container.remove(force=True)


def test_on_the_machine_itself_all_is_as_it_is() -> None:
    standpoint = Standpoint.of(engine().api)
    assert standpoint.outside("/any/file.csv") == "/any/file.csv"
    assert standpoint.owner == this_process()


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ("/nodes", "/var/lib/docker/volumes/nodes/_data"),
        ("/nodes/2/tmp/run", "/var/lib/docker/volumes/nodes/_data/2/tmp/run"),
        ("/nodes/1/data/a.csv", "/home/rosa/data/a.csv"),
    ],
)
def test_what_is_mounted_has_a_path_outside(inside: str, outside: str) -> None:
    assert CONTAINED.outside(Path(inside)) == outside


def test_what_is_in_the_container_alone_cannot_be_handed_on() -> None:
    with pytest.raises(RunError, match=r"/tmp/a.csv is in the node's own container alone"):
        CONTAINED.outside("/tmp/a.csv")


def test_an_owner_in_a_container_lives_as_long_as_that_runs(other: Any) -> None:
    owner = f"container-{other.id}/machine/1/beginning"
    assert not CONTAINED.is_gone(owner, engine().api)
    other.kill()
    other.wait()
    assert CONTAINED.is_gone(owner, engine().api)
    other.remove()
    assert CONTAINED.is_gone(owner, engine().api)


def test_of_an_own_container_the_process_counts() -> None:
    mine = f"container-{CONTAINED.container}/{this_process()}"
    assert not CONTAINED.is_gone(mine, engine().api)
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    machine = this_process().rsplit("/", 2)[0]
    ended = f"container-{CONTAINED.container}/{machine}/{child.pid}/beginning"
    assert CONTAINED.is_gone(ended, engine().api)
