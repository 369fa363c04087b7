"""Events as they happen, for those who go on listening."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from v6sim.server.events import Event, Events

_MOST = 10_000  # events that one listener may lag behind


class Feeds:
    """Lets any number of listeners hear all events from now on.

    Args:
        events: where the server says what happens.
    """

    def __init__(self, events: Events) -> None:
        self._queues: set[asyncio.Queue[Event | None]] = set()
        self._closed = False
        events.subscribe(self._on_event)

    @property
    def closed(self) -> bool:
        """Whether the server is about to stop."""
        return self._closed

    @contextmanager
    def listening(self) -> Iterator[AsyncIterator[Event]]:
        """All events from now on, until the server stops; one who lags too far behind is left."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield self._events_of(queue)
        finally:
            self._queues.discard(queue)

    async def _events_of(self, queue: asyncio.Queue[Event | None]) -> AsyncIterator[Event]:
        while not self._closed and (event := await queue.get()) is not None:
            yield event

    def close(self) -> None:
        """End all: the server is about to stop."""
        self._closed = True
        self._send(None)

    def _on_event(self, event: Event) -> None:
        for queue in [queue for queue in self._queues if queue.qsize() >= _MOST]:
            self._queues.discard(queue)
            queue.put_nowait(None)
        self._send(event)

    def _send(self, event: Event | None) -> None:
        for queue in self._queues:
            queue.put_nowait(event)
