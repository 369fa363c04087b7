"""One worker process, as the process sees it that started it."""

import contextlib
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct(">Q")
_SINGLE_THREADED = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1])\n"
    "from v6sim.runtime.worker import serve\n"
    "serve(int(sys.argv[2]), int(sys.argv[3]))"
)


class WorkerStopped(Exception):
    """A worker has not come to its end; the text says why, such as `stopped after 10 s`."""


@dataclass(frozen=True)
class Job:
    """Something that a worker can do.

    Args:
        function: its module and name, such as `v6sim.egress.listing:rows`. It takes the arguments
            and, as an iterator, the items that are sent after them; it returns bytes.
        seconds: how long it may take.
        memory: how many bytes it may take beyond what the worker has already.
    """

    function: str
    seconds: float
    memory: int = 2**30


class WorkerProcess:
    """One process; it starts when it is asked for the first time. Used by one thread at a time."""

    def __init__(self) -> None:
        self.uses = 0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._is_killed = False
        self._end: Callable[[], object] = lambda: None

    @property
    def process_id(self) -> int | None:
        """Its process; None if there is none."""
        return self._process.pid if self._process and not self._is_killed else None

    def ask(self, job: Job, args: tuple[Any, ...], items: Iterable[Any]) -> bytes:
        """Have a job done.

        Raises:
            WorkerStopped: it does not come to its end.
        """
        self.uses += 1
        end = time.monotonic() + job.seconds
        try:
            line = self._started()
            _send(line, (job.function, job.seconds, job.memory, args), end)
            for item in items:
                _send(line, item, end)
            line.sendall(_LENGTH.pack(0))
            kind, content = _received(line, 1, end), _received_all(line, end)
        except TimeoutError:
            raise WorkerStopped(f"stopped after {job.seconds:g} s") from None
        except OSError:
            raise WorkerStopped(self._why_gone()) from None
        if kind != b"+":
            raise WorkerStopped(content.decode(errors="replace"))
        return content

    def kill(self) -> None:
        """End it, whatever it is doing, without waiting; the thread that waits for it is told."""
        with self._lock:
            was_killed, self._is_killed = self._is_killed, True
            if not was_killed and self._process and self._socket:
                self._process.kill()
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                threading.Thread(target=self._end, name="end of a worker", daemon=True).start()

    def wait(self) -> None:
        """Wait until it is gone."""
        if self._process is not None:
            self._process.wait()

    def _why_gone(self) -> str:
        return "it was stopped" if self._is_killed else "the process that read it has died"

    def _started(self) -> socket.socket:
        with self._lock:
            if self._is_killed:
                raise OSError("it was killed before it began")
            if self._socket is None:
                try:
                    self._process, self._socket = _start()
                except OSError as error:
                    raise WorkerStopped(f"no process could be started: {error}") from None
                self._end = weakref.finalize(self, _end, self._process, self._socket)
            return self._socket


def _start() -> tuple["subprocess.Popen[bytes]", socket.socket]:
    ours, theirs = socket.socketpair()
    with contextlib.ExitStack() as on_failure, theirs:
        on_failure.callback(ours.close)
        descriptor = theirs.fileno()
        root = str(Path(__file__).parents[2])
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, root, str(descriptor), str(os.getpid())],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=(descriptor,),
            env={**os.environ, **_SINGLE_THREADED}, start_new_session=True,
        )  # fmt: skip
        on_failure.pop_all()
    return process, ours


def _end(process: "subprocess.Popen[bytes]", line: socket.socket) -> None:
    process.kill()
    process.wait()
    line.close()


def _send(line: socket.socket, what: Any, end: float) -> None:
    content = pickle.dumps(what, protocol=5)
    line.settimeout(max(end - time.monotonic(), 0.001))
    line.sendall(_LENGTH.pack(len(content)))
    line.sendall(content)


def _received(line: socket.socket, size: int, end: float) -> bytes:
    parts: list[bytes] = []
    while size:
        line.settimeout(max(end - time.monotonic(), 0.001))
        part = line.recv(min(size, 2**20))
        if not part:
            raise ConnectionError("the worker has gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _received_all(line: socket.socket, end: float) -> bytes:
    return _received(line, _LENGTH.unpack(_received(line, _LENGTH.size, end))[0], end)
