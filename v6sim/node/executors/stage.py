"""What an algorithm that runs in a thread here takes for its process.

While such runs are under way, `sys.stdout`, `sys.stderr`, `os.environ` and `os._exit` depend on who
uses them: a run has its own, everybody else those of this process. The debugger talks to the person
at the terminal also when a run started it, one run at a time. Threads and processes that an
algorithm starts do not belong to its run in this sense: they see this process's.
"""

# Python has no public way to do this:
# ruff: noqa: SLF001

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn, TextIO

from v6sim.node.executors import debugging
from v6sim.runtime.control_token import take_control_token

_DEBUGGERS = {"bdb", "cmd", "pdb", "_pytest.debugging", "_pytest._io.terminalwriter"}


@dataclass(frozen=True)
class _Role:
    environment: dict[str, str]
    log: BinaryIO


_role: ContextVar[_Role | None] = ContextVar("role", default=None)


class _Stream:
    """Standard output or error: a run's goes into its log."""

    def __init__(self, original: TextIO) -> None:
        self.original = original

    def write(self, text: str) -> int:
        role = _role.get()
        if role is None or sys._getframe(1).f_globals.get("__name__") in _DEBUGGERS:
            return self.original.write(text)
        role.log.write(text.encode(errors="backslashreplace"))
        return len(text)

    @property
    def buffer(self) -> Any:
        role = _role.get()
        return self.original.buffer if role is None else role.log

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class _Environ(os._Environ[str]):
    """The variables of this process: a run sees its own."""

    def __getitem__(self, key: str) -> str:
        role = _role.get()
        return super().__getitem__(key) if role is None else role.environment[key]

    def __setitem__(self, key: str, value: str) -> None:
        role = _role.get()
        if role is None:
            super().__setitem__(key, value)
        else:
            role.environment[key] = value

    def __delitem__(self, key: str) -> None:
        role = _role.get()
        if role is None:
            super().__delitem__(key)
        else:
            del role.environment[key]

    def __iter__(self) -> Iterator[str]:
        role = _role.get()
        return super().__iter__() if role is None else iter(dict(role.environment))

    def __len__(self) -> int:
        role = _role.get()
        return super().__len__() if role is None else len(role.environment)


_exit_process = os._exit
_process = os.getpid()


def _exit(status: int) -> NoReturn:
    if _role.get() is None or os.getpid() != _process:
        _exit_process(status)
    raise SystemExit(status)


class _Stage:
    """Set up when the first run enters, taken down when the last one leaves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actors = 0
        self._streams: dict[str, _Stream] = {}

    def enter(self) -> None:
        with self._lock:
            take_control_token()  # which programs that a run starts would see
            self._actors += 1
            for name in ("stdout", "stderr"):
                current = getattr(sys, name)
                if not isinstance(current, _Stream):
                    self._streams[name] = _Stream(current)
                    setattr(sys, name, self._streams[name])
            os.environ.__class__ = _Environ
            os._exit = _exit
            debugging.begin()

    def leave(self) -> None:
        with self._lock:
            self._actors -= 1
            if self._actors:
                return
            for name, stream in self._streams.items():
                if getattr(sys, name) is stream:
                    setattr(sys, name, stream.original)
            os.environ.__class__ = os._Environ
            os._exit = _exit_process
            debugging.end()


_stage = _Stage()


@contextmanager
def on_stage(environment: dict[str, str], log: BinaryIO) -> Iterator[None]:
    """Let this thread be a run, as long as this lasts.

    Args:
        environment: all the variables it sees; it may change them.
        log: where what it prints goes.
    """
    _stage.enter()
    token = _role.set(_Role(environment, log))
    try:
        yield
    finally:
        debugging.leave_run()
        _role.reset(token)
        _stage.leave()
