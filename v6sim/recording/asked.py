"""Inputs in words: what is asked for, line by line, so that two can be compared."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from v6sim.wire.payload import UnreadablePayload, read
from v6sim.wire.plain import plain

_FIRST = ("method", "master", "args", "kwargs")


def in_words(content: bytes) -> Iterator[str]:
    """The lines that say what an input asks for; nothing in it is executed.

    Args:
        content: the payload.
    """
    try:
        given = plain(read(content))
    except UnreadablePayload:
        digest = hashlib.sha256(content).hexdigest()[:16]
        yield f"input: {len(content)} bytes that cannot be read here, SHA-256 {digest}..."
        return
    if not isinstance(given, dict):
        yield from _lines("input", given)
        return
    for name in (*_FIRST, *sorted(given.keys() - set(_FIRST))):
        value = given.get(name)
        if name == "kwargs" and isinstance(value, dict):
            for key in sorted(value):
                yield from _lines(key, value[key])
        elif value or name == "method":
            yield from _lines(name, value)


def _lines(name: str, value: Any) -> Iterator[str]:
    first, *others = json.dumps(value, indent=2, sort_keys=True).splitlines()
    yield f"{name}: {first}"
    yield from others
