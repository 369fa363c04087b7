"""Worker processes: for what would hold the event loop, or would never end.

A worker is killed when it takes too long, when the one who asked has gone, and at the end of the
server. It dies with the process that started it, in whatever way that ends.
"""

import asyncio
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
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

_AT_A_TIME = 2
"""Workers that are at work; who asks for more waits."""

_IDLE_SECONDS = 60.0
"""How long a worker is kept that has nothing to do: to start one takes most of a second."""

_LENGTH = struct.Struct(">Q")
_SINGLE_THREADED = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1])\n"
    "from v6sim.runtime.worker import serve\n"
    "serve(int(sys.argv[2]), int(sys.argv[3]))"
)

T = TypeVar("T")


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


class WorkerPool:
    """The workers of one server."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_A_TIME)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._is_closed = False

    @property
    def process_ids(self) -> list[int]:
        """The ids of the workers' processes."""
        return [each.process_id for each in (*self._idle, *self._busy) if each.process_id]

    async def run(self, job: Job, *args: Any, items: Iterable[Any] = ()) -> bytes:
        """Return what a job gives; being cancelled, kill the worker that does it.

        Args:
            job: what to do.
            args: its arguments.
            items: further ones, of which one after the other is sent.

        Raises:
            WorkerStopped: it takes too long or too much, or the server ends.
        """
        async with self._slots:
            if self._is_closed:
                raise WorkerStopped("the server ends")
            worker = self._idle.pop() if self._idle else _Worker()
            self._busy.add(worker)
            try:
                answer = await asyncio.to_thread(worker.ask, job, args, items)
            except BaseException:
                worker.kill()
                raise
            finally:
                self._busy.discard(worker)
            self._keep(worker)
            return answer

    def kill(self) -> None:
        """Kill all workers; no others are started."""
        self._is_closed = True
        for worker in (*self._idle, *self._busy):
            worker.kill()

    async def close(self) -> None:
        """Kill all workers, and wait until they are gone."""
        self.kill()
        for worker in (*self._idle, *self._busy):
            await asyncio.to_thread(worker.wait)
        self._idle.clear()

    def _keep(self, worker: "_Worker") -> None:
        if self._is_closed:
            worker.kill()
            return
        self._idle.append(worker)
        loop, uses = asyncio.get_running_loop(), worker.uses
        loop.call_later(_IDLE_SECONDS, self._let_go, worker, uses)

    def _let_go(self, worker: "_Worker", uses: int) -> None:
        """Kill a worker that nobody has used since."""
        if worker in self._idle and worker.uses == uses:
            self._idle.remove(worker)
            worker.kill()


class _Worker:
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


async def until_gone(receive: Callable[[], Awaitable[Any]], work: Awaitable[T]) -> T | None:
    """Return what work gives; None if the client goes before, and then it is cancelled.

    Args:
        receive: how the request's messages are received, in ASGI; its body has been.
        work: what is done for the client.
    """
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        watching.cancel()
        working.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
