"""An output of 200 MB: it arrives whole, in a time and with memory that can be borne."""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson

from tests.soak.leaks import Leaks
from tests.soak.programs import REPEATS, ROSA, Program, docker_for, running, submit, world
from v6sim.client import Client
from v6sim.views import Ticket

_MEGABYTES = 200 if REPEATS > 1 else 20
_MOST = 1_000
"""Megabytes that the server and the node together may take at their peak; 610 were measured."""
_SECONDS = 60
"""Seconds from the task to the end of its run; 6 to 10 were measured."""
_BLOCK = b"0123456789abcdef" * 2**16


def test_a_large_output_arrives_whole(tmp_path: Path) -> None:
    with ExitStack() as stack:
        ways = [stack.enter_context(_up(tmp_path / way, way)) for way in ("process", "docker")]
        took, peak = [], 0
        for number in range(REPEATS):
            up, client, leaks = ways[number % 2]
            begun = time.monotonic()
            task = submit(client, "give_back", megabytes=_MEGABYTES)
            while not client._request("GET", f"/task/{task.task_id}")["complete"]:
                assert time.monotonic() < begun + _SECONDS
            took.append(time.monotonic() - begun)
            _check_result(client, task)
            client._request("DELETE", f"/task/{task.task_id}")
            peak = max(peak, _peak(up))
            leaks.check()
        for up, _, leaks in ways:
            leaks.check_handles()
            print(f"{_MEGABYTES} MB in {up.temporary.parent.name}; {leaks.handles}")
        print(
            f"{_MEGABYTES} MB given back {REPEATS} times: {min(took):.1f} to {max(took):.1f} s, "
            f"peak {peak:,} MB"
        )
        assert peak < _MOST


@contextmanager
def _up(folder: Path, executor: str) -> Iterator[tuple[Program, Client, Leaks]]:
    docker = docker_for(executor)
    folder.mkdir()
    words = ("up", "--port", "0", "--executor", executor, "--world", world(folder))
    with running(up := Program(folder, *words)), Client(up.address, *ROSA) as client:
        assert client.wait(submit(client, "count")).is_good
        yield up, client, Leaks([up], client, docker)


def _check_result(client: Client, task: Ticket) -> None:
    """What arrives is what was written, byte by byte."""
    content = client._http.get(f"/task/{task.task_id}/result").content
    (row,) = orjson.loads(content)
    assert row["status"] == "completed", row["log"]
    assert _hash(base64.b64decode(row["result"])) == _hash(_BLOCK * _MEGABYTES)


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content).hexdigest()


def _peak(program: Program) -> int:
    """The most memory that a process has had, in megabytes."""
    status = Path(f"/proc/{program.worker.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024
