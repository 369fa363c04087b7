"""What every way to run an algorithm has in common."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from v6sim.node.contract import Contract
from v6sim.node.errors import RunError, UnknownImage
from v6sim.wire.statuses import RunStatus
from v6sim.world.algorithm import Algorithm

_LATEST = ":latest"


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


class Executor(Protocol):
    """A way to run algorithms."""

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


async def collect(contract: Contract, code: int, ending: str) -> Outcome:
    """The outcome of a run whose process has ended.

    Args:
        contract: what was run.
        code: its exit code; 0 is success.
        ending: what else there is to say on how it ended; may be empty.
    """

    def read() -> tuple[str, bytes]:
        log, output = contract.log_file, contract.output_file
        text = log.read_bytes().decode(errors="replace") if log.exists() else ""
        return text, output.read_bytes() if output.exists() else b""

    log, output = await asyncio.to_thread(read)
    if ending:
        separator = "" if not log or log.endswith("\n") else "\n"
        log += f"{separator}node > {ending}\n"
    return Outcome(RunStatus.COMPLETED if code == 0 else RunStatus.CRASHED, log, output)
