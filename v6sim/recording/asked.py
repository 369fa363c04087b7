"""Inputs in words: what is asked for, line by line, so that two can be compared."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from v6sim.wire.containers import Kind, kind_of, single
from v6sim.wire.foreign import ForeignObject
from v6sim.wire.key_names import distinct_names
from v6sim.wire.limits import TO_SHOW, PayloadTooLarge, UnreadablePayload
from v6sim.wire.payload import read
from v6sim.wire.printing import Printer
from v6sim.wire.text_styles import Json
from v6sim.wire.value_digest import digest_of, whole_name_of

_FIRST = ("method", "master", "args", "kwargs")
_LONGEST = 50_000
"""Characters of a value that is shown whole; of a longer one some, and a digest of all of it."""

_COMPARED = replace(TO_SHOW, values=500_000, made_bytes=32 * 2**20, seconds=math.inf)
"""What is read to be compared as a value; what is larger is compared byte by byte."""

_SHOWN = 2_000
_DIGEST = 16  # characters


def in_words(content: bytes) -> Iterator[str]:
    """The lines that say what an input asks for; nothing in it is executed.

    Two inputs have the same lines only if they ask for the same: what is too large to be shown has
    a line with its digest.

    Args:
        content: the payload.
    """
    try:
        given = read(content, _COMPARED)
    except PayloadTooLarge as error:
        yield f"input: {len(content)} bytes ({error.stopped}), {_digest_of_bytes(content)}"
        return
    except UnreadablePayload:
        yield f"input: {len(content)} bytes that cannot be read here, {_digest_of_bytes(content)}"
        return
    if not isinstance(given, dict):
        yield from _lines("input", given)
        return
    if any(isinstance(key, ForeignObject) for key in given):
        yield f"input: {len(content)} bytes whose names are objects, {_digest_of_bytes(content)}"
        return
    named = _named(given)
    for name in (*_FIRST, *sorted(named.keys() - set(_FIRST))):
        value = named.get(name)
        if name == "kwargs" and isinstance(value, dict) and all(type(key) is str for key in value):
            yield from _arguments(value)
        elif name == "method" or not _is_nothing(value):
            yield from _lines(name, value)


def _arguments(values: dict[Any, Any]) -> Iterator[str]:
    named = _named(values)
    for name in sorted(named):
        yield from _lines(name, named[name])


def _named(values: dict[Any, Any]) -> dict[str, Any]:
    """Values by the names of their keys, of which no two are the same."""
    names = distinct_names(list(values), whole_name_of)
    return dict(zip(names, values.values(), strict=True))


def _is_nothing(value: Any) -> bool:
    kind = kind_of(type(value))
    if kind is Kind.SINGLE:
        return not single(value)
    return kind in (Kind.MAPPING, Kind.SEQUENCE) and not value


def _lines(name: str, value: Any) -> Iterator[str]:
    printed = Printer(Json(is_sorted=True, is_ascii=True), TO_SHOW, _LONGEST).print(value)
    text = printed.text if not printed.stopped else printed.text[:_SHOWN]
    first, *others = text.splitlines() or [""]
    yield f"{name}: {first}"
    yield from others
    if printed.stopped:
        yield f"... ({printed.stopped}), {_digest_of_value(value)}"


def _digest_of_value(value: Any) -> str:
    try:
        return f"digest {digest_of(value, _COMPARED)[:_DIGEST]}..."
    except PayloadTooLarge as error:
        return error.stopped


def _digest_of_bytes(content: bytes) -> str:
    return f"SHA-256 {hashlib.sha256(content).hexdigest()[:_DIGEST]}..."
