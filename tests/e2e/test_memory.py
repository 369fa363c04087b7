"""What large results take of memory, in processes of their own: the peaks, with room to spare."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.soak.programs import IMAGE, ROSA, Program, docker_for, running, submit, world
from v6sim.client import Client
from v6sim.wire.json_reader import JsonReader

_MEGABYTES = 100
_BLOCK = b"0123456789abcdef" * 2**16
_IN_UP = 4.0
"""Times the size of a result that server and node take at their peak; 2.5 were measured."""
_IN_SANDBOX = 5.5
"""The same with a client beside them that reads the result; 4 were measured."""


class Peak:
    """The most memory that a process has beyond what it had at first, in megabytes."""

    def __init__(self, pid: int | str) -> None:
        self._folder = Path(f"/proc/{pid}")
        self._idle = self._now("VmRSS")
        (self._folder / "clear_refs").write_text("5")

    def __call__(self) -> float:
        return self._now("VmHWM") - self._idle

    def _now(self, name: str) -> float:
        lines = (self._folder / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


@contextmanager
def up(folder: Path, executor: str = "process") -> Iterator[tuple[int, Client]]:
    """A federation that has run something, and its user."""
    docker_for(executor)
    words = ("up", "--port", "0", "--executor", executor, "--world", world(folder))
    with running(program := Program(folder, *words)), Client(program.address, *ROSA) as client:
        assert client.wait(submit(client, "count")).has_ended
        yield program.pid, client


@pytest.mark.parametrize("executor", ["process", "docker"])
def test_a_large_result_takes_a_few_times_its_size(executor: str, tmp_path: Path) -> None:
    with up(tmp_path, executor) as (pid, client):
        peak = Peak(pid)
        task = client.wait(submit(client, "give_back", megabytes=_MEGABYTES))
        assert peak() < _IN_UP * _MEGABYTES
        [run] = task.runs
        assert hashlib.sha256(run.output).digest() == hashlib.sha256(_BLOCK * _MEGABYTES).digest()
        with client._http.stream("GET", "/task?include=results") as answer:
            reader = JsonReader(keep=0)
            for chunk in answer.iter_bytes():
                reader.feed(chunk)
        newest = reader.value()[0]["results"][0]["result"]
        assert newest.size == len(base64.b64encode(_BLOCK * _MEGABYTES))
        assert peak() < _IN_UP * _MEGABYTES


@pytest.mark.parametrize("executor", ["process", "docker"])
def test_a_result_that_is_too_large_takes_nothing_and_fails(executor: str, tmp_path: Path) -> None:
    with up(tmp_path, executor) as (pid, client):
        peak = Peak(pid)
        [run] = client.wait(submit(client, "leave_hole", gibibytes=1)).runs
        assert run.status == "failed"
        assert run.log.endswith("node > result is 1.0 GiB; limit is 256 MiB (max_result)\n")
        assert peak() < 50
        assert client.wait(submit(client, "count")).is_good


IN_A_SANDBOX = """
import sys
from pathlib import Path
from tests.e2e.test_memory import Peak
from v6sim import Sandbox

world, image, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Sandbox(world, executor="process") as box:
    box.run(image, "count", user="rosa")
    peak = Peak("self")
    outcome = box.run(image, "give_back", kwargs={"megabytes": megabytes}, user="rosa")
    assert len(outcome.task.runs[0].output) == megabytes * 2**20
    print(peak())
"""


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_sandbox_that_reads_a_large_result_takes_less_than_six_times_its_size(
    encrypted: bool, tmp_path: Path
) -> None:
    file = world(tmp_path)
    content = json.loads(file.read_text())
    content["collaborations"][0]["encrypted"] = encrypted
    file.write_text(json.dumps(content))
    arguments = [str(file), IMAGE, str(_MEGABYTES)]
    said = subprocess.run(
        [sys.executable, "-c", IN_A_SANDBOX, *arguments], capture_output=True, text=True,
        check=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ).stdout  # fmt: skip
    assert float(said) < _IN_SANDBOX * _MEGABYTES
