"""How many algorithms run at once."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Place:
    """What a run holds while its algorithm is running.

    Args:
        free: what it goes back to.
    """

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free = free
        self._held = True

    def give_back(self) -> None:
        """Let another run have it, also before this run has ended."""
        if self._held:
            self._held = False
            self._free.release()


class Places:
    """The places shared by the nodes of a process.

    A run that has created a subtask gives its place back, as it now waits for others: so masters
    never hold the places that their subtasks need, however few there are.

    Args:
        number: how many there are, at least 1; the default is the number of cores, at least 2.
    """

    def __init__(self, number: int | None = None) -> None:
        self.number = number or max(2, os.cpu_count() or 2)
        self._free = asyncio.Semaphore(self.number)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Wait for a place, first come first served, and hold it."""
        await self._free.acquire()
        place = Place(self._free)
        try:
            yield place
        finally:
            place.give_back()
