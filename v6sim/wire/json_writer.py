"""Writing JSON in chunks: long texts in it are never copied as a whole."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

import orjson

from v6sim.wire.long_text import LongText

UNWRITABLE = (orjson.JSONEncodeError, UnicodeError)
"""Errors of a value that JSON cannot say: numbers beyond 64 bits, halves of characters."""


class JsonDocument:
    """A JSON document, as chunks of bytes; it can be written several times.

    Args:
        value: what it says: JSON values, and any `LongText` among them.
        omit_long: write for each long text an object that says how long it is:
            `{"omitted": 89478488}`.
        option: of `orjson.dumps`.
    """

    def __init__(self, value: Any, *, omit_long: bool = False, option: int | None = None) -> None:
        self._texts: list[LongText] = []
        self._mark, self._omit_long = "", omit_long
        self.skeleton = orjson.dumps(value, self._hold, option)
        """The document; where there are long texts, without them."""
        self.has_omitted = omit_long and bool(self._mark)

    @property
    def is_long(self) -> bool:
        """Whether it has long texts, so that `skeleton` is not all of it."""
        return bool(self._texts)

    @property
    def size(self) -> int:
        """Its length in bytes."""
        if not self._texts:
            return len(self.skeleton)
        return sum(len(part) for part in self._parts()) + sum(map(_written_size, self._texts))

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over its chunks."""
        if not self._texts:
            yield self.skeleton
            return
        for text, part in zip((None, *self._texts), self._parts(), strict=True):
            if text is not None:
                yield from map(_written, text)
            yield part

    def _hold(self, value: Any) -> Any:
        """Have something stand in the place of a long text."""
        if not isinstance(value, LongText):
            raise TypeError(type(value).__name__)
        self._mark = self._mark or secrets.token_hex(16)
        if self._omit_long:
            return {"omitted": value.size}
        self._texts.append(value)
        return self._mark

    def _parts(self) -> list[bytes]:
        """What stands before, between and after the long texts."""
        return re.split(self._mark.encode(), self.skeleton)


def _written(piece: str) -> bytes:
    return orjson.dumps(piece)[1:-1]


def _written_size(text: LongText) -> int:
    return text.size if text.is_plain else sum(len(_written(piece)) for piece in text)
