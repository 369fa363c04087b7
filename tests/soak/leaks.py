"""What a federation has on this machine, and whether it has more of it than before."""

import os
import re
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import psutil

from v6sim.client import Client

_PATIENCE = 100  # seconds for what is about to go: connections are kept open for 75, for one
_SPARE_THREADS = (os.cpu_count() or 1) + 4  # of a pool, which grows as it is used
_SPARE_DESCRIPTORS = 8  # connections that happen to be open

_EXECUTOR = re.compile(r"(?<=v6sim)-[0-9a-f]{8}")

Things = Counter[str]


class Living(Protocol):
    """A process that is looked after, with all it has started."""

    @property
    def pid(self) -> int:
        """Its id."""
        ...

    @property
    def worker(self) -> psutil.Process:
        """The process that does its work."""
        ...

    @property
    def temporary(self) -> Path:
        """The folder in which it makes its own."""
        ...

    def family(self) -> list[psutil.Process]:
        """All that it has started, and what that has."""
        ...


class Leaks:
    """Looks for what is there after a fault and was not before.

    Args:
        programs: whose processes, threads, files and folders are counted; they are running.
        client: a user who sees all runs.
        docker: the engine in which they may have containers and networks.
        alone: whether that is theirs alone, so that all volumes are.
    """

    def __init__(
        self,
        programs: Sequence[Living],
        client: Client,
        docker: Any = None,
        *,
        alone: bool = False,
    ) -> None:
        self._programs, self._client, self._docker = programs, client, docker
        self._alone = alone
        self._things, self._handles = self._look(), self._handles_now()

    def check(self) -> None:
        """Nothing has come to stay: no container, process, network, volume, folder or open run."""
        self._wait(lambda: self._look() - self._things)

    def check_handles(self) -> None:
        """Nor have threads, or files and sockets that are open."""
        self.check()
        self._wait(lambda: self._handles_now() - self._handles - self._spare())

    def _wait(self, more: Any) -> None:
        deadline = time.monotonic() + _PATIENCE
        while found := more():
            assert time.monotonic() < deadline, f"left behind: {dict(found)}"
            time.sleep(0.02)

    def _look(self) -> Things:
        there: list[str] = [f"run {run} is open" for run in open_runs(self._client)]
        for program in self._programs:
            there += [f"process {_name(each)}" for each in program.family()]
            there += [f"folder {each.name[:10]}" for each in program.temporary.iterdir()]
            there += [f"folder {each.name}" for each in program.temporary.glob("*/task-*")]
        if self._docker is not None:
            there += in_docker(self._docker, *(each.pid for each in self._programs))
        if self._alone:
            volumes = self._docker.api.volumes()["Volumes"] or []
            there += [f"volume {row['Name']}" for row in volumes]
        return Counter(there)

    def _handles_now(self) -> Things:
        found: Things = Counter()
        for number, program in enumerate(self._programs):
            process = program.worker
            found[f"threads of program {number}"] = process.num_threads()
            found[f"descriptors of program {number}"] = process.num_fds()
        return found

    def _spare(self) -> Things:
        spare = {"threads": _SPARE_THREADS, "descriptors": _SPARE_DESCRIPTORS}
        return Counter({name: spare[name.split()[0]] for name in self._handles})

    @property
    def handles(self) -> str:
        """How many there were, and are now."""
        now = self._handles_now()
        return ", ".join(f"{name}: {self._handles[name]} -> {now[name]}" for name in now)


def open_runs(client: Client) -> list[int]:
    """The runs that have not ended, as the server knows them."""
    rows = client._request("GET", "/result", params={"state": "open"})
    return [row["id"] for row in rows]


def in_docker(docker: Any, *pids: int) -> list[str]:
    """What these processes have there, by names without what differs from start to start."""
    ours = {"label": "v6sim.owner"}
    kinds = {
        "container": docker.api.containers(all=True, filters=ours),
        "network": docker.api.networks(filters=ours),
        "volume": docker.api.volumes(filters=ours)["Volumes"] or [],
    }
    return [
        _EXECUTOR.sub("", f"{kind} {row.get('Name') or row['Names'][0]}")
        for kind, rows in kinds.items()
        for row in rows
        if row["Labels"]["v6sim.owner"].split("/")[1] in {str(pid) for pid in pids}
    ]


def alive(processes: Sequence[psutil.Process]) -> list[str]:
    """Those that still run; one that has ended may wait for somebody to take note of it."""
    return [_name(each) for each in processes if _runs(each)]


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _name(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess, IndexError):
        return f"{Path(process.exe()).name} {' '.join(process.cmdline())[-40:]}"
    return "that is ending"
