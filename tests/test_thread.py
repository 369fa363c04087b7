"""The thread of a sandbox."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from v6sim.sandbox.thread import DoesNotEnd, ServiceThread


def test_a_service_that_does_not_end_is_told_with_where_it_hangs() -> None:
    may_end = threading.Event()

    @asynccontextmanager
    async def stubborn() -> AsyncIterator[None]:
        yield
        may_end.wait()

    thread = ServiceThread(stubborn(), patience=0.1)
    thread.start()
    with pytest.raises(DoesNotEnd, match=r"not ended in 0\.1 s:(.|\n)*in stubborn"):
        thread.stop()
    may_end.set()
    thread.stop()
