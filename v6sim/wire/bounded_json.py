"""A reader of JSON that counts what it is going to make."""

import json
import re
from itertools import accumulate
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.json_encoding import in_utf8, is_in_utf8
from v6sim.wire.limits import UnreadablePayload

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_ARRAY, _OBJECT, _FILLED = 80, 80, 120
"""Bytes that an array and an object take, each with its place in another, and its first item."""

_OF_ANOTHER_ENCODING = 4
"""Bytes that are made, at most, of each byte of a text that is not in UTF-8."""

_STEPS = [1 if code in b"[{" else -1 for code in range(256)]


def read_json(text: bytes, budget: Budget) -> Any:
    """Return the value of JSON.

    Args:
        text: the JSON.
        budget: what may be made of it.

    Raises:
        UnreadablePayload: it is no JSON.
        PayloadTooLarge: it goes beyond the budget.
    """
    text = _in_utf8(text, budget)
    _count(text, budget)
    try:
        return json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _no_json(error) from error
    except ValueError:  # what Python says of an integer with too many digits
        raise budget.too_many_digits() from None
    except RecursionError:
        raise budget.too_deep() from None


def _in_utf8(text: bytes, budget: Budget) -> bytes:
    """Return JSON in UTF-8, in which it is counted; Python reads it in UTF-16 and UTF-32 too."""
    if not is_in_utf8(text):
        budget.take_bytes(_OF_ANOTHER_ENCODING * len(text))
    try:
        return in_utf8(text)
    except UnicodeDecodeError as error:
        raise _no_json(error) from error


def _no_json(error: Exception) -> UnreadablePayload:
    return UnreadablePayload(f"its prefix says JSON, but: {error!s:.200}")


def _count(text: bytes, budget: Budget) -> None:
    """Count the values before any is made, the containers, and how deep they are."""
    most, size = _most_values(text), _size_of_containers(text)
    if (
        budget.values + most > budget.limits.values
        or budget.made_bytes + size > budget.limits.made_bytes
        or _brackets(text) > budget.limits.depth
    ):
        text = _STRING.sub(b"", text)
        most, size = _most_values(text), _size_of_containers(text)
        if _brackets(text) > budget.limits.depth and budget.limits.must_be_whole:
            steps = map(_STEPS.__getitem__, text.translate(None, _NO_BRACKET))
            budget.check_depth(max(accumulate(steps), default=0))
    budget.take_values(most)
    budget.take_bytes(size)


def _size_of_containers(text: bytes) -> int:
    """How many bytes Python takes for arrays and objects, without what is in them."""
    objects = text.count(b"{")
    filled = objects - text.count(b"{}")
    return _ARRAY * text.count(b"[") + _OBJECT * objects + _FILLED * filled


def _most_values(text: bytes) -> int:
    """How many values there are at most, names included."""
    empty = text.count(b"[]") + text.count(b"{}")
    return 1 + text.count(b",") + text.count(b":") + _brackets(text) - empty


def _brackets(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")
