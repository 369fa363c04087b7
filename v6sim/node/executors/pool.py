"""Things that take a while to start: each is started when it is first needed, and then kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """Something that can be out of date, and is ended when it is not needed any more."""

    @property
    def stale(self) -> bool:
        """Whether a new one is to be used in its place."""
        ...

    async def close(self) -> None:
        """End it; may be called more than once."""
        ...


K = TypeVar("K", bound=Hashable)
T = TypeVar("T", bound=Closable)


class _Kept(Generic[T]):
    """One such thing, which may still be starting."""

    def __init__(self, start: Awaitable[T]) -> None:
        self.starting = asyncio.ensure_future(start)
        self.users = 0
        self.idle: asyncio.TimerHandle | None = None

    @property
    def thing(self) -> T | None:
        """It, once its start has succeeded."""
        if not self.starting.done() or self.starting.cancelled() or self.starting.exception():
            return None
        return self.starting.result()

    async def close(self) -> None:
        if self.idle is not None:
            self.idle.cancel()
        self.starting.cancel()
        await asyncio.wait([self.starting])
        if self.thing is not None:
            await self.thing.close()


class Pool(Generic[K, T]):
    """Starts at most one thing of a kind at a time, shares it, and ends it when it is idle.

    Args:
        start: starts the thing of a key.
        idle_seconds: how long one that nobody uses is kept.
    """

    def __init__(self, start: Callable[[K], Awaitable[T]], idle_seconds: float) -> None:
        self._start, self._idle_seconds = start, idle_seconds
        self._kept: dict[K, _Kept[T]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def use(self, key: K) -> AsyncIterator[T]:
        """Use the thing of this key, started if need be; raises what starting it raises."""
        kept = self._take(key)
        try:
            yield await asyncio.shield(kept.starting)
        finally:
            self._give_back(key, kept)

    async def close(self) -> None:
        """End all, used or not."""
        for kept in self._kept.values():
            self._retire(kept)
        self._kept.clear()
        while self._closing:
            await asyncio.wait(self._closing)

    def _take(self, key: K) -> _Kept[T]:
        kept = self._kept.get(key)
        if kept is None or (kept.thing is not None and kept.thing.stale):
            if kept is not None:
                self._drop(key, kept)
            kept = self._kept[key] = _Kept(self._start(key))
        kept.users += 1
        if kept.idle is not None:
            kept.idle.cancel()
        return kept

    def _give_back(self, key: K, kept: _Kept[T]) -> None:
        kept.users -= 1
        if kept.users:
            return
        if self._kept.get(key) is not kept or kept.thing is None:
            self._drop(key, kept)  # out of date, failed, or nobody waits for it any more
        else:
            loop = asyncio.get_running_loop()
            kept.idle = loop.call_later(self._idle_seconds, self._drop, key, kept)

    def _drop(self, key: K, kept: _Kept[T]) -> None:
        """Use it no more, and end it once its last user is done."""
        if self._kept.get(key) is kept:
            del self._kept[key]
        if not kept.users:
            self._retire(kept)

    def _retire(self, kept: _Kept[T]) -> None:
        closing = asyncio.create_task(kept.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
