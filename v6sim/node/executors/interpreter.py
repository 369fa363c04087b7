"""An interpreter that is running: the trunk from which zygotes are forked."""

import asyncio
import json
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Self

from v6sim.node.errors import NoPackage
from v6sim.node.executors.packages import Location
from v6sim.node.executors.zygote import Zygote

_SPAWNER = Path(__file__).with_name("spawner.py")
_SECONDS_TO_END = 1.0


class Interpreter:
    """One such process, from this side of its socket; made by `start`.

    Args:
        python: what it runs.
        process: the process itself.
        orders: the socket.
        errors: the file that its standard error goes to.
    """

    def __init__(
        self,
        python: str,
        process: asyncio.subprocess.Process,
        orders: socket.socket,
        errors: BinaryIO,
    ) -> None:
        self.python = python
        self._process, self._orders, self._errors = process, orders, errors

    @classmethod
    async def start(cls, python: str, environment: Mapping[str, str], *, libraries: bool) -> Self:
        """Start an interpreter.

        Args:
            python: its path, or a command.
            environment: all its variables.
            libraries: whether it imports what most algorithms need, for all its zygotes.

        Raises:
            NoPackage: it cannot be started.
        """
        errors = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        ours, theirs = socket.socketpair()
        arguments = (str(_SPAWNER), "libraries" if libraries else "nothing")
        try:
            process = await asyncio.create_subprocess_exec(
                *(python, "-u", "-B", "-X", "faulthandler", *arguments),
                stdin=theirs.fileno(),
                stdout=errors,
                stderr=errors,
                env=dict(environment),
                start_new_session=True,
            )
        except BaseException as error:
            ours.close()
            errors.close()
            if isinstance(error, OSError):
                text = f"the interpreter {python} cannot be started: {error}"
                raise NoPackage(text) from error
            raise
        finally:
            theirs.close()
        return cls(python, process, ours, errors)

    @property
    def stale(self) -> bool:
        """Whether it has ended."""
        return self._process.returncode is not None

    async def zygote(self, location: Location, *, load: bool) -> Zygote:
        """Fork a zygote.

        Args:
            location: the algorithm's module.
            load: whether the zygote imports that, or each of its runs does.

        Raises:
            NoPackage: the interpreter cannot do that; the text has what it said.
        """
        folder = str(location.folder) if location.folder else None
        order = {
            "module": location.module, "path": folder, "load": load, "command": location.command,
            "entry": location.entry._asdict(),
        }  # fmt: skip
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                line = json.dumps(order).encode() + b"\n"
                socket.send_fds(self._orders, [line], [theirs.fileno()])
            except OSError:  # it has ended, as the zygote will see
                pass
        zygote = await Zygote.meet(ours, location)
        if zygote.hindrance and not load:
            await zygote.close()
            text = f"the interpreter {self.python} cannot run algorithms. It said:\n{self._said()}"
            raise NoPackage(text)
        return zygote

    async def close(self) -> None:
        """End it; its zygotes live on."""
        self._orders.close()
        try:
            async with asyncio.timeout(_SECONDS_TO_END):
                await self._process.wait()
        except TimeoutError:  # it is at a never-ending import, say
            self._process.kill()
            await self._process.wait()
        self._errors.close()

    def _said(self) -> str:
        content = os.pread(self._errors.fileno(), 10_000, 0)
        return content.decode(errors="replace").strip()
