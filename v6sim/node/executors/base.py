"""What every way to run an algorithm has in common."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from v6sim.node.contract import Contract
from v6sim.node.errors import FileTooLarge, NotAFile, RunError, UnknownImage
from v6sim.node.folders import read_file, read_log, remove_left_folders
from v6sim.wire.sizes import describe_excess
from v6sim.wire.statuses import RunStatus
from v6sim.world.algorithm import Algorithm

_LATEST = ":latest"
_ROOM = 2**20
"""Bytes: with less than that on the disk, a crash is told to be about that, perhaps."""
_INTO_OUTPUT = "The algorithm has to write its result into the file that OUTPUT_FILE names"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Args:
        status: `completed`, `crashed`, or why it did not start.
        log: what it printed, and what else there is to say.
        output: what it left in its output file, whatever its status.
    """

    status: RunStatus
    log: str
    output: bytes = b""

    @classmethod
    def of(cls, error: RunError) -> "Outcome":
        """How a run ends that cannot be started."""
        return cls(error.status, f"node > {error}\n")


def unheard() -> None:
    """What to call at the start of a run that nobody waits to hear of."""


class Front(Protocol):
    """What an executor has to know of a node's proxy: how to let algorithms in."""

    async def listen(self) -> int:
        """Answer on the loopback address; returns the port."""
        ...

    async def listen_at(self, path: Path) -> None:
        """Answer on a Unix socket."""
        ...


@dataclass(frozen=True)
class Member:
    """A node whose runs an executor makes.

    Args:
        node_id: its id.
        name: its name.
        services: containers that its algorithms may reach, by the host names that they use.
        persist: whether what they write into `/mnt/data` is there in later runs.
    """

    node_id: int
    name: str
    services: Mapping[str, str] = field(default_factory=dict)
    persist: bool = False


@dataclass(frozen=True)
class Reach:
    """Where an algorithm finds its node's proxy: scheme and name, and port."""

    host: str
    port: int


class Executor(Protocol):
    """A way to run algorithms.

    It is opened, nodes join, their runs are made, nodes leave, it is closed.
    """

    async def open(self) -> None:
        """Make ready.

        Raises:
            NodeError: it cannot work here.
            MissingLibrary: it needs a library that is not installed.
        """
        ...

    async def join(self, member: Member, front: Front) -> Reach:
        """Make ready for the runs of a node, and let them reach its proxy."""
        ...

    async def leave(self, member: Member) -> None:
        """Put away what was there for a node, whose runs have ended."""
        ...

    async def reset(self) -> None:
        """Forget what runs have left for later ones; none is under way."""
        ...

    async def prepare(self, image: str) -> None:
        """Have an image ready before its first run, if that takes long.

        Raises:
            RunError: it cannot be had.
        """
        ...

    async def run(self, contract: Contract, started: Callable[[], None] = unheard) -> Outcome:
        """Run an algorithm from start to end; being cancelled kills it with all it started.

        Args:
            contract: what to run, and on what.
            started: is called once the algorithm is running; not if it cannot be started.
        """
        ...

    async def close(self) -> None:
        """Kill what runs, and leave nothing behind."""
        ...


class OnThisHost:
    """What executors have in common whose algorithms share this machine's network."""

    async def open(self) -> None:
        """Remove what processes that were killed have left."""
        for name in await asyncio.to_thread(remove_left_folders):
            logger.info("removed what was left: %s", name)

    _has_warned = False

    async def join(self, member: Member, front: Front) -> Reach:
        """Let runs reach the proxy on the loopback address."""
        if member.persist and not self._has_warned:
            self._has_warned = True
            logger.warning("`persist` is for the docker executor: here, nothing is kept of a run")
        return Reach("http://127.0.0.1", await front.listen())

    async def leave(self, member: Member) -> None:
        """Nothing is to be put away."""

    async def reset(self) -> None:
        """Nothing is left for later runs."""

    async def prepare(self, image: str) -> None:
        """Nothing takes long."""


def resolve(image: str, algorithms: Mapping[str, Algorithm]) -> Algorithm:
    """The algorithm that an image name stands for; `:latest` may be left out on either side.

    Raises:
        UnknownImage: it stands for none.
    """
    other = image.removesuffix(_LATEST) if image.endswith(_LATEST) else image + _LATEST
    for name in (image, other):
        if name in algorithms:
            return algorithms[name]
    raise UnknownImage(image, (image, other), algorithms)


def variables(image: str, algorithms: Mapping[str, Algorithm]) -> Mapping[str, str]:
    """The variables that an image's algorithm brings, if the image name stands for one."""
    try:
        return resolve(image, algorithms).env
    except UnknownImage:
        return {}


async def collect(contract: Contract, code: int, ending: str) -> Outcome:
    """The outcome of a run whose process has ended.

    Args:
        contract: what was run.
        code: its exit code; 0 is success.
        ending: what else there is to say on how it ended; may be empty.
    """
    return await asyncio.to_thread(_collect, contract, code, ending)


def _collect(contract: Contract, code: int, ending: str) -> Outcome:
    limits, output = contract.limits, b""
    status = RunStatus.CRASHED if code else RunStatus.COMPLETED
    log, notes = printed(contract), [ending]
    try:
        output = read_file(contract.output_file, limits.max_result)
    except NotAFile as problem:
        why = f"there is no result: {problem}. {_INTO_OUTPUT}"
        status, notes = RunStatus.CRASHED, [*notes, why]
    except FileTooLarge as problem:
        excess = describe_excess("result", problem.size, limits.max_result, "max_result")
        status, notes = RunStatus.CRASHED if code else RunStatus.FAILED, [*notes, excess]
    if status is RunStatus.CRASHED:
        notes.append(_lack_of_room(contract.folder.parent))
    for note in filter(None, notes):
        separator = "" if not log or log.endswith("\n") else "\n"
        log += f"{separator}node > {note}\n"
    return Outcome(status, log, output)


def printed(contract: Contract) -> str:
    """What a run has printed; where the algorithm has replaced its log, that it has."""
    try:
        return read_log(contract.log_file, contract.limits.max_log)
    except NotAFile as problem:
        return f"node > what the algorithm printed is lost, as it has replaced its log: {problem}\n"


def _lack_of_room(folder: Path) -> str:
    """That a disk is full; empty if it is not, or the algorithm has removed the folder."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return ""
    if free >= _ROOM:
        return ""
    return f"there is no room left on the disk of {folder}: {free} bytes are free"
