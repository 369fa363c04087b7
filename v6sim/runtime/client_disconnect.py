"""Work for an HTTP client, for as long as that is there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


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
