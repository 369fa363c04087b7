"""Worker processes: for what would hold the event loop, or would never end.

A worker is killed when it takes too long, when the one who asked has gone, and at the end of the
server. It dies with the process that started it, in whatever way that ends.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from v6sim.runtime.worker_process import Job, WorkerProcess, WorkerStopped

_AT_A_TIME = 2
"""Workers that are at work; who asks for more waits."""

_IDLE_SECONDS = 60.0
"""How long a worker is kept that has nothing to do: to start one takes most of a second."""


class WorkerPool:
    """The workers of one server."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_A_TIME)
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
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
            worker = self._idle.pop() if self._idle else WorkerProcess()
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

    def _keep(self, worker: "WorkerProcess") -> None:
        if self._is_closed:
            worker.kill()
            return
        self._idle.append(worker)
        loop, uses = asyncio.get_running_loop(), worker.uses
        loop.call_later(_IDLE_SECONDS, self._let_go, worker, uses)

    def _let_go(self, worker: "WorkerProcess", uses: int) -> None:
        """Kill a worker that nobody has used since."""
        if worker in self._idle and worker.uses == uses:
            self._idle.remove(worker)
            worker.kill()
