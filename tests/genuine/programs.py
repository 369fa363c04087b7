"""Genuine programs, each in a process of its own with a home of its own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from tests.commands import PATIENCE

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Wait until something is the case; returns what it then is."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.05)
    return value


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


class Program:
    """A command that goes on until it is stopped; a context manager that can be started anew.

    Args:
        command: what to run.
        folder: its home, which is there; `output` in it has what it says.
        environment: further variables.
    """

    def __init__(self, command: list[str | Path], folder: Path, **environment: str) -> None:
        self._command, self.folder = command, folder
        homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "CONFIG")}
        homes["XDG_CACHE_HOME"] = str(folder / "cache")
        self._environment = {**os.environ, **homes, **environment}
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it, and wait until it is up."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it."""
        self.stop()

    @property
    def said(self) -> str:
        """All it has said since it was made."""
        return (self.folder / "output").read_text(errors="replace")

    def start(self) -> None:
        """Start it, and wait until it is up."""
        with (self.folder / "output").open("ab") as output:
            self._child = subprocess.Popen(
                self._command, cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output,
            )  # fmt: skip
        try:
            until(self._is_up_or_gone)
            assert self._child.poll() is None, self.said[-3000:]
        except BaseException:
            self.stop()
            raise

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop it, and wait until it is gone."""
        if self._child is None:
            return
        print(self.said[-5000:])  # which a test that fails shows
        self._child.send_signal(by)
        try:
            self._child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise
        self._child = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal that it survives."""
        assert self._child is not None
        self._child.send_signal(number)

    def is_up(self) -> bool:
        """Whether it is ready for what it is there for."""
        raise NotImplementedError

    def _is_up_or_gone(self) -> bool:
        assert self._child is not None
        return self._child.poll() is not None or self.is_up()
