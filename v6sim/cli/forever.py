"""Running until somebody says stop."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from v6sim import garbage

T = TypeVar("T")

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_ALL = (signal.SIGINT, *_ENDING)


def end_in_order() -> None:
    """Have SIGTERM and SIGHUP end this program as ctrl-C does, leaving nothing behind."""
    for number in _ENDING:
        signal.signal(number, _leave)


def _leave(number: int, _frame: object) -> None:
    for each in _ENDING:  # once is enough: another one would interrupt the end
        signal.signal(each, lambda *_: None)
    sys.exit(128 + number)


def run_until_stopped(
    service: AbstractAsyncContextManager[T],
    tell: Callable[[T], None] = lambda _: None,
    until: Callable[[T], Awaitable[None]] | None = None,
) -> None:
    """Run a service until ctrl-C, SIGTERM or SIGHUP, then let it end in its own way.

    Args:
        service: what to run.
        tell: is called once it is up.
        until: waits until the service ends by itself, and raises why.
    """
    from v6sim.sandbox import loop_factory

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(service, tell, until or _for_ever))


async def _for_ever(_service: object) -> None:
    await asyncio.Event().wait()


async def _serve(
    service: AbstractAsyncContextManager[T],
    tell: Callable[[T], None],
    until: Callable[[T], Awaitable[None]],
) -> None:
    _cancel_when_told()
    with contextlib.suppress(asyncio.CancelledError):
        async with service as up:
            garbage.seek_as_a_service()
            tell(up)
            await until(up)
    _hear_no_more()


def _cancel_when_told() -> None:
    """Have the first signal end the running task; further ones change nothing about that."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    told = False

    def on_signal() -> None:
        nonlocal told
        if not told:
            task.cancel()
        told = True

    for number in _ALL:
        loop.add_signal_handler(number, on_signal)


def _hear_no_more() -> None:
    """Have signals do nothing: one that came twice would interrupt the end of the loop.

    A loop that closes gives SIGINT back to Python, which raises `KeyboardInterrupt` at it.
    """
    loop = asyncio.get_running_loop()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)
    for number in _ALL:
        loop.remove_signal_handler(number)
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
