"""A program at a real terminal, and a person who reads what it says and types."""

import os
import pty
import select
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.commands import PATIENCE


class Terminal:
    """A terminal in which a program runs; a context manager.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        environment: its variables.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.said, self._read = "", 0
        self._pid, self._line = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            os.execve(command[0], list(command), {**environment, "TERM": "dumb"})

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._line)  # which hangs up on the program
        os.waitpid(self._pid, 0)

    def expect(self, text: str) -> str:
        """Wait until it says something; what it has said up to there, from the last time on."""
        deadline = time.monotonic() + PATIENCE
        while (place := self.said.find(text, self._read)) < 0:
            assert time.monotonic() < deadline, f"{text!r} does not come: {self.said[-3000:]}"
            assert self._listen(), f"{text!r} did not come: {self.said[-3000:]}"
        begin, self._read = self._read, place + len(text)
        return self.said[begin : self._read]

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._line, line.encode() + b"\n")

    def _listen(self) -> bool:
        """Take what it says; whether there may be more."""
        if not select.select([self._line], [], [], 0.2)[0]:
            return True
        try:
            more = os.read(self._line, 4096)
        except OSError:  # it has ended
            return False
        self.said += more.decode(errors="replace").replace("\r\n", "\n")
        return bool(more)
