"""A process that has an algorithm loaded and forks a child for each of its runs."""

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

from v6sim.node.contract import Contract
from v6sim.node.errors import NoPackage
from v6sim.node.executors.packages import Location
from v6sim.node.executors.sources import Sources

_SPAWNER = Path(__file__).with_name("spawner.py")
_LONGEST_LINE = 2**24
_SECONDS_TO_END = 8.0
"""How long a spawner may take to kill all its runs."""


class ZygoteDied(Exception):
    """The process ended while a run was to be made.

    Args:
        started: whether the run had begun.
    """

    def __init__(self, *, started: bool) -> None:
        super().__init__("the process that starts the algorithm's runs died")
        self.started = started


@dataclass(frozen=True)
class Ending:
    """How the process of a run ended: its exit code, and what else there is to say."""

    code: int
    text: str = ""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """The ending that a spawner tells of."""
        if "signal" in answer:
            name = signal.strsignal(answer["signal"])
            return cls(1, f"the algorithm was ended by signal {answer['signal']} ({name})")
        code = answer["code"]
        return cls(code, f"the algorithm ended with exit code {code}" if code > 1 else "")


class _Run:
    def __init__(self, started: Callable[[], None]) -> None:
        self.announce = started
        self.started = False
        self.ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()


class Zygote:
    """One such process, from this side of its pipes; made by `start`.

    Args:
        process: the process itself.
        errors: the file that its standard error goes to.
    """

    def __init__(self, process: asyncio.subprocess.Process, errors: BinaryIO) -> None:
        self._process, self._errors = process, errors
        self._runs: dict[int, _Run] = {}
        self._count = 0
        self.hindrance = ""
        """Why runs cannot be forked from it, if they cannot."""
        self.sources: Sources | None = None
        """What it was loaded from, as far as that is known."""
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, python: str, location: Location, environment: Mapping[str, str], *, load: bool
    ) -> Self:
        """Start the process, and wait until it is ready.

        Args:
            python: the interpreter.
            location: what it is to import.
            environment: all its variables.
            load: whether it imports that before the first run, or each run does.

        Raises:
            NoPackage: the interpreter cannot be started, or cannot run the spawner.
        """
        errors = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        try:
            process = await asyncio.create_subprocess_exec(
                *(python, "-u", "-B", "-X", "faulthandler", str(_SPAWNER)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                limit=_LONGEST_LINE,
                start_new_session=True,
            )
        except BaseException as error:
            errors.close()
            if isinstance(error, OSError):
                text = f"the interpreter {python} cannot be started: {error}"
                raise NoPackage(text) from error
            raise
        zygote = cls(process, errors)
        try:
            await zygote._begin(python, location, load=load)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):  # it may be at a never-ending import
                os.killpg(process.pid, signal.SIGKILL)
            await zygote.close()
            raise
        return zygote

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def busy(self) -> bool:
        """Whether runs of it are under way."""
        return bool(self._runs)

    async def _begin(self, python: str, location: Location, *, load: bool) -> None:
        folder = str(location.folder) if location.folder else None
        self._order(module=location.module, path=folder, load=load)
        answer = await self._answer()
        if answer is None and load:
            self.hindrance = "importing it ended the process"
            return
        if answer is None:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip()
            raise NoPackage(f"the interpreter {python} cannot run algorithms. It said:\n{said}")
        self.hindrance = answer.get("hindrance", "")
        if load:
            self.sources = Sources(answer["sources"])
        self._listening = asyncio.create_task(self._listen())

    async def run(self, contract: Contract, started: Callable[[], None]) -> Ending:
        """Make a run; being cancelled kills it.

        Raises:
            ZygoteDied: the process ended before the run did.
        """
        self._count += 1
        number = self._count
        run = self._runs[number] = _Run(started)
        environment = {**plain_environment(), **contract.environment()}
        folder, log = str(contract.folder), str(contract.log_file)
        if self._listening is None or self._listening.done():
            self._runs.pop(number)
            raise ZygoteDied(started=False)
        self._order(run=number, environment=environment, folder=folder, log=log)
        try:
            return await asyncio.shield(run.ended)
        except asyncio.CancelledError:
            self._order(kill=number)
            await asyncio.wait([run.ended], timeout=_SECONDS_TO_END)
            raise
        finally:
            self._runs.pop(number, None)

    async def close(self) -> None:
        """Kill what runs, and end the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_SECONDS_TO_END):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        finally:
            if self._listening is not None:
                await self._listening
            self._errors.close()

    def _order(self, **content: Any) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(content).encode() + b"\n")

    async def _answer(self) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    async def _listen(self) -> None:
        while (answer := await self._answer()) is not None:
            run = self._runs.get(answer["run"])
            if run is None:
                continue
            if "started" in answer:
                run.started = True
                run.announce()
            elif not run.ended.done():
                run.ended.set_result(Ending.of(answer))
        for run in self._runs.values():
            if not run.ended.done():
                run.ended.set_exception(ZygoteDied(started=run.started))
                run.ended.exception()  # its run may have been cancelled, and nobody ask


def plain_environment() -> dict[str, str]:
    """What an algorithm's process sees of this machine's environment: next to nothing."""
    given = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **given}
