"""The one clock: it can be moved on, and who waits for a moment is woken."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from v6sim.server.clock import Clock

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def frozen() -> Clock:
    """A clock that only goes when it is moved."""
    return Clock(lambda: START)


async def test_who_sleeps_wakes_when_the_clock_is_moved_past_their_moment(frozen: Clock) -> None:
    asleep = asyncio.create_task(frozen.sleep(60))
    await asyncio.sleep(0)
    frozen.shift(timedelta(seconds=59))
    done, _ = await asyncio.wait([asleep], timeout=0.05)
    assert not done
    frozen.shift(timedelta(seconds=1))
    await asyncio.wait_for(asleep, 5)
    assert frozen.now() == START + timedelta(seconds=60)


async def test_moving_it_on_stops_where_something_is_due(frozen: Clock) -> None:
    done_at = []

    async def work() -> None:
        while True:
            await frozen.sleep(60)
            done_at.append((frozen.now() - START).total_seconds())

    worker = asyncio.create_task(work())
    await asyncio.sleep(0)
    await frozen.advance(timedelta(seconds=150))
    assert done_at == [60, 120]
    assert frozen.now() == START + timedelta(seconds=150)
    await frozen.advance(timedelta(hours=24))
    assert len(done_at) < 8, "what is done over and over is not made up for"
    worker.cancel()


async def test_a_reset_leaves_sleepers_as_long_to_go_as_before(frozen: Clock) -> None:
    frozen.shift(timedelta(hours=7))
    asleep = asyncio.create_task(frozen.sleep(60))
    await asyncio.sleep(0)
    frozen.reset()
    assert frozen.now() == START
    frozen.shift(timedelta(seconds=61))
    await asyncio.wait_for(asleep, 5)
