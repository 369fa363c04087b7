"""The only place that asks for the time."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_STOPS = 3  # moments at which a clock that is moved on stops, for what is done every now and then
_PATIENCE = 5.0  # seconds that this may take each time


def _now() -> datetime:
    return datetime.now(UTC)


class _Sleeper:
    """Somebody who waits for a moment."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.moved = asyncio.Event()


class Clock:
    """What time it is on this server; tests and faults may shift it.

    Args:
        source: gives the present moment, with a zone.
    """

    def __init__(self, source: Callable[[], datetime] = _now) -> None:
        self._source = source
        self._shift = timedelta()
        self._sleepers: list[_Sleeper] = []
        self._asleep = asyncio.Condition()

    def now(self) -> datetime:
        """The present moment, with zone UTC."""
        return self._source().astimezone(UTC) + self._shift

    def utc(self) -> datetime:
        """The present moment as the tables keep it: UTC, without a zone."""
        return self.now().replace(tzinfo=None)

    def shift(self, by: timedelta) -> None:
        """Move the clock on from now on; who sleeps until then wakes up."""
        self._shift += by
        for sleeper in self._sleepers:
            sleeper.moved.set()

    def reset(self) -> None:
        """Show the source's own time again; who sleeps has as long to go as before."""
        back, self._shift = self._shift, timedelta()
        for sleeper in self._sleepers:
            sleeper.until -= back

    async def sleep(self, seconds: float) -> None:
        """Wait until it is that much later, be it that time passes or that the clock is moved.

        It is for what is done over and over: `advance` waits for those it has woken to sleep again.
        """
        sleeper = _Sleeper(self.now() + timedelta(seconds=seconds))
        async with self._asleep:
            self._sleepers.append(sleeper)
            self._asleep.notify_all()
        try:
            while (left := (sleeper.until - self.now()).total_seconds()) > 0:
                sleeper.moved.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(sleeper.moved.wait(), left)
        finally:
            self._sleepers.remove(sleeper)

    async def advance(self, by: timedelta) -> None:
        """Move the clock on as if that time had passed; returns when what is due then is done.

        It stops at the first few moments that somebody sleeps for, and skips further ones: what is
        done every minute is not done 60 times for an hour.
        """
        end = self.now() + by
        for _ in range(_STOPS):
            due = min((each.until for each in self._sleepers), default=None)
            if due is None or due > end:
                break
            count = len(self._sleepers)
            self.shift(max(due - self.now(), timedelta()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_asleep(count, due), _PATIENCE)
        self.shift(max(end - self.now(), timedelta()))

    async def _all_asleep(self, count: int, after: datetime) -> None:
        """Wait until as many sleep again as before, all for moments after one."""

        def are() -> bool:
            return len(self._sleepers) >= count and all(
                each.until > after for each in self._sleepers
            )

        async with self._asleep:
            await self._asleep.wait_for(are)
