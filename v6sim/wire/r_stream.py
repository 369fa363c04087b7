"""Bytes of R's serialization, one after the other, compressed or not."""

import struct
import zlib
from collections.abc import Callable
from typing import Any, Literal

from v6sim.wire.budget import Budget
from v6sim.wire.limits import PayloadTooLarge
from v6sim.wire.r_values import RVector

_GZIP = b"\x1f\x8b"
_PORTION = 2**16
"""Bytes that are decompressed, and numbers that are read, at a time."""

NUMBER = 32
"""Bytes that Python takes for a number, with its place in a list."""

_PORTIONS_AFTER = 16
"""Portions after the value that are looked at."""

_MOST_COMPRESSED = 1100
"""How many bytes one byte of gzip can stand for: 1,032, and some for its ends."""


class UnreadableR(ValueError):
    """Something of R that is damaged, or no data."""


class RStream:
    """Numbers and bytes, one after the other.

    Args:
        data: what R wrote, compressed or not.
        budget: what may be made of it.
    """

    def __init__(self, data: bytes, budget: Budget) -> None:
        self.budget, self.depth = budget, 0
        self.known: list[Any] = []
        """What later parts may refer to."""
        self._data: bytes | bytearray = data
        self._at = 0
        self._opener = None
        if data.startswith(_GZIP):
            self._data, self._rest = bytearray(), data
            self._opener = zlib.decompressobj(wbits=31)

    @property
    def most_left(self) -> int:
        """How many bytes there are at most from here on."""
        left = len(self._data) - self._at
        return left + (_MOST_COMPRESSED * len(self._rest) + _PORTION if self._opener else 0)

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        while self._opener and size > len(self._data) - self._at:
            self._decompress(self._opener)
        end = self._at + size
        if size < 0 or end > len(self._data):
            raise UnreadableR("it ends too early")
        self._at, start = end, self._at
        return bytes(self._data[start:end])

    def integer(self) -> int:
        """Return the next integer."""
        return int.from_bytes(self.take(4), "big", signed=True)

    def numbers(
        self, code: Literal["i", "d"], count: int, is_missing: Callable[[Any], bool]
    ) -> list[Any]:
        """Return the next integers or doubles; None for those that are missing."""
        self.budget.foresee_values(count, NUMBER)
        found: list[Any] = []
        size = struct.calcsize(f">{code}")
        while len(found) < count:
            portion = min(_PORTION, count - len(found))
            try:
                self.budget.take_values(portion)
                self.budget.take_bytes(NUMBER * portion)
            except PayloadTooLarge as error:
                error.partial = [RVector(found)]
                raise
            numbers = struct.unpack(f">{portion}{code}", self.take(portion * size))
            found += [None if is_missing(number) else number for number in numbers]
        return found

    def finish(self) -> None:
        """Make sure that what is compressed is whole, unless much follows the value."""
        for _ in range(_PORTIONS_AFTER):
            if self._opener is None:
                break
            self._at = len(self._data)
            self._decompress(self._opener)

    def _decompress(self, opener: Any) -> None:
        """Have some more bytes."""
        try:
            more = opener.decompress(self._rest, _PORTION)
        except zlib.error as error:
            raise UnreadableR(f"it is not gzip, though it begins so: {error}") from error
        self._rest = opener.unconsumed_tail
        if not more and (opener.eof or not self._rest):
            self._opener = None
            if not opener.eof:
                raise UnreadableR("it is cut short")
            return
        self.budget.take_bytes(len(more))
        del self._data[: self._at]  # type: ignore[union-attr]  # it is a bytearray here
        self._data += more
        self._at = 0
