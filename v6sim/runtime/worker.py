"""The program of a worker process (see `v6sim.runtime.worker_process`)."""

import contextlib
import gc
import os
import pickle
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct(">Q")
_SET_PARENT_DEATH_SIGNAL = 1
_SLACK = 5  # seconds of the processor beyond those that a job may take
_RESERVE = 2**20  # bytes with which an error can still be told
_LONGEST = 500  # characters of an error


def serve(descriptor: int, parent: int) -> None:
    """Do one job after the other, until nobody asks any more.

    Args:
        descriptor: a socket, over which jobs come and results go.
        parent: the process that this one must not outlive.
    """
    _die_with(parent)
    gc.disable()  # there is a time for it, after each job
    with socket.socket(fileno=descriptor) as line, contextlib.suppress(ConnectionError):
        while True:
            _serve_one(line)


def _serve_one(line: socket.socket) -> None:
    function, seconds, memory, args = pickle.loads(_received(line))  # noqa: S301 - it is ours
    items = _items(line)
    reserve: list[bytes] = [bytes(_RESERVE)]
    try:
        with _limits(seconds, memory):
            answer = b"+", _called(function, args, items)
    except MemoryError:
        reserve.clear()
        answer = b"-", f"it takes more than {memory:,} bytes of memory".encode()
    except Exception as error:  # the one who asked is told, and goes on
        text = f"{type(error).__name__}: {error!s:.{_LONGEST}}"
        answer = b"-", text.encode(errors="replace")
    for _ in items:
        pass
    kind, content = answer
    line.sendall(kind + _LENGTH.pack(len(content)))
    line.sendall(content)
    gc.collect()


def _called(function: str, args: tuple[Any, ...], items: Iterator[Any]) -> bytes:
    module, _, name = function.partition(":")
    found: bytes = getattr(import_module(module), name)(*args, items)
    return found


def _items(line: socket.socket) -> Iterator[Any]:
    while content := _received(line):
        yield pickle.loads(content)  # noqa: S301 - it is ours


def _received(line: socket.socket) -> bytes:
    return _taken(line, _LENGTH.unpack(_taken(line, _LENGTH.size))[0])


def _taken(line: socket.socket, size: int) -> bytes:
    content = bytearray(size)
    view, at = memoryview(content), 0
    while at < size:
        count = line.recv_into(view[at:])
        if not count:
            raise ConnectionError("nobody asks any more")
        at += count
    return bytes(content)


@contextlib.contextmanager
def _limits(seconds: float, memory: int) -> Iterator[None]:
    """Let a job take only so much; what takes more time than that is killed by the system."""
    try:
        import resource
    except ImportError:  # not for this platform
        yield
        return
    used = time.process_time() + seconds + _SLACK
    _lower(resource.RLIMIT_CPU, int(used) + 1)
    _lower(resource.RLIMIT_AS, _memory() + memory)
    try:
        yield
    finally:
        _lower(resource.RLIMIT_AS, None)


def _lower(limit: int, value: int | None) -> None:
    import resource

    _, hard = resource.getrlimit(limit)
    wanted = resource.RLIM_INFINITY if value is None else value
    if hard != resource.RLIM_INFINITY:
        wanted = hard if wanted == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (wanted, hard))


def _memory() -> int:
    """The address space that this process has already; without /proc, nothing."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _die_with(parent: int) -> None:
    """Have the system kill this process when the one that started it ends, where it can."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
    with contextlib.suppress(OSError):  # where memory is short, this one goes first
        os.nice(5)
        Path("/proc/self/oom_score_adj").write_text("1000")
