"""Bodies of more than a million bytes: they are taken apart as they come."""

import math
from typing import Any

from fastapi import Request

from v6sim.server.errors import TooLarge
from v6sim.wire.json_reader import REQUEST_LIMITS, JsonReader
from v6sim.wire.long_text import LONG, LongText


def can_be_long(request: Request) -> bool:
    """Return whether the body of a request may have more than a million bytes."""
    for name, value in request.scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value) > LONG
        if name == b"transfer-encoding":
            return True
    return False


class LongBody:
    """A JSON body that is never held as one.

    Args:
        longest_string: characters of a string that are kept; of a longer one only the length is.
    """

    def __init__(self, longest_string: float = math.inf) -> None:
        self._reader = JsonReader(longest_string, REQUEST_LIMITS)
        self._problem: ValueError | None = None

    async def receive(self, request: Request) -> None:
        """Read the body of a request, to its end also if it is no JSON."""
        async for chunk in request.stream():
            if self._problem is None:
                try:
                    self._reader.feed(chunk)
                except ValueError as problem:
                    self._problem = problem

    def value(self) -> Any:
        """Return its value, in which each long text is a `LongText`.

        Raises:
            JsonTooLarge: it has more values than it may.
            ValueError: it is no JSON document.
            RecursionError: it is nested too deeply.
        """
        if self._problem is not None:
            raise self._problem
        return self._reader.value()


async def receive_short(request: Request, reason: str) -> bytes:
    """Return a body of at most a million bytes.

    Args:
        request: whose body it is.
        reason: why it may not be longer.

    Raises:
        TooLarge: it is longer.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LONG:
            raise TooLarge("request body", None, LONG, reason)
    return bytes(content)


def joined(value: Any) -> Any:
    """Return the same value with its long texts as ordinary ones.

    Raises:
        TooLarge: one of them was too long to be kept.
    """
    if isinstance(value, LongText):
        if not value.is_here:
            raise TooLarge("a text in the request body", value.size, LONG, "max_result, max_input")
        return str(value)
    if isinstance(value, dict):
        return {key: joined(each) for key, each in value.items()}
    return [joined(each) for each in value] if isinstance(value, list) else value
