"""Waiting for tasks to come to their end."""

import asyncio
from collections import defaultdict

from v6sim.server.events import Event, Events, KillRequested, RunUpdated, TaskDeleted, WorldReset


class Holds:
    """Lets requests wait until a task is complete or gone.

    Args:
        events: where the server says what happened.
    """

    def __init__(self, events: Events) -> None:
        self._waiting: dict[int, set[asyncio.Future[None]]] = defaultdict(set)
        self._closed = False
        events.subscribe(self._on_event)

    async def until_complete(self, task_id: int, seconds: float) -> None:
        """Wait until a task is complete or gone, at most that long."""
        if self._closed:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting[task_id].add(future)
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            pass
        finally:
            self._waiting[task_id].discard(future)
            if not self._waiting[task_id]:
                del self._waiting[task_id]

    def close(self) -> None:
        """Let everybody go, now and from now on: the server is about to stop."""
        self._closed = True
        self._release_all()

    def _on_event(self, event: Event) -> None:
        match event:
            case RunUpdated(task_id=task_id, completes_task=True) | TaskDeleted(task_id=task_id):
                self._release(task_id)
            case KillRequested(runs=runs):
                for run in runs:
                    self._release(run.task_id)
            case WorldReset():
                self._release_all()

    def _release_all(self) -> None:
        for task_id in list(self._waiting):
            self._release(task_id)

    def _release(self, task_id: int) -> None:
        for future in self._waiting.get(task_id, ()):
            if not future.done():
                future.set_result(None)
