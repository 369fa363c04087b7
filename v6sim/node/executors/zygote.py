"""A process that has an algorithm loaded and forks a child for each of its runs."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from v6sim.node.contract import Contract
from v6sim.node.executors.packages import Location
from v6sim.node.executors.sources import Sources

_LONGEST_LINE = 2**24
_SECONDS_TO_END = 8.0
"""How long a zygote may take to kill all its runs."""


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
        """The ending that a zygote tells of."""
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
    """One such process, from this side of its socket; made by `Interpreter.zygote`.

    Args:
        reader: what it answers.
        writer: what it is ordered.
        location: what it has loaded, or its runs will.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, location: Location
    ) -> None:
        self._reader, self._writer, self._location = reader, writer, location
        self._runs: dict[int, _Run] = {}
        self._count = 0
        self._pid = 0
        self._sources = [Sources(location.files)]
        self.hindrance = ""
        """Why runs cannot be forked from it, if they cannot."""
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def meet(cls, connection: socket.socket, location: Location) -> Self:
        """Wait until the zygote at the other end is ready; one that ends instead has a hindrance.

        Args:
            connection: the socket.
            location: what it loads, or its runs will.
        """
        connection.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=connection, limit=_LONGEST_LINE)
        zygote = cls(reader, writer, location)
        try:
            await zygote._wait_until_ready()
        except BaseException:
            zygote._kill()  # it may be at a never-ending import
            await zygote.close()
            raise
        return zygote

    @property
    def stale(self) -> bool:
        """Whether it has ended, or what it was loaded from has changed."""
        ended = self._listening is None or self._listening.done()
        return ended or any(sources.changed() for sources in self._sources)

    async def run(self, contract: Contract, started: Callable[[], None]) -> Ending:
        """Make a run; being cancelled kills it.

        Raises:
            ZygoteDied: the process ended before the run did.
        """
        if self._listening is None or self._listening.done():
            raise ZygoteDied(started=False)
        self._count += 1
        number = self._count
        run = self._runs[number] = _Run(started)
        environment = {
            **plain_environment(),
            **contract.environment(of_algorithm=self._location.environment),
        }
        folder, log = str(contract.folder), str(contract.log_file)
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
        if self._writer.can_write_eof() and not self._writer.is_closing():
            self._writer.write_eof()
        if self._listening is not None:
            await asyncio.wait([self._listening], timeout=_SECONDS_TO_END)
            if not self._listening.done():
                self._kill()
                await self._listening
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _wait_until_ready(self) -> None:
        introduction = await self._answer()
        if introduction is not None:
            self._pid = introduction["pid"]
        answer = await self._answer()
        if answer is None:
            self.hindrance = "importing it ends the process"
            return
        self.hindrance = answer.get("hindrance", "")
        self._sources.append(Sources(answer.get("sources", ())))
        self._listening = asyncio.create_task(self._listen())

    def _kill(self) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)

    def _order(self, **content: Any) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.dumps(content).encode() + b"\n")

    async def _answer(self) -> dict[str, Any] | None:
        try:
            line = await self._reader.readline()
        except ConnectionError:
            return None
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
