"""Counting what becomes of a payload while it is read."""

import time

from v6sim.wire.limits import PayloadLimits, PayloadTooLarge

_BETWEEN_LOOKS = 500
"""Values between two looks at the clock."""

_LOOKED_AT = 4 * 2**20
"""Bytes that are looked at between two looks at the clock."""

_HASHED, _HASHED_PER_BYTE = 10_000, 4
"""Parts of keys that are hashed: of any payload, and for each of its bytes."""


class Budget:
    """Counts what becomes of a payload, and stops what goes beyond its limits.

    Args:
        limits: the limits.
    """

    def __init__(self, limits: PayloadLimits) -> None:
        self.limits = limits
        self.values = self.made_bytes = 0
        self._next_look = min(_BETWEEN_LOOKS, limits.values + 1)
        self._may_hash = _HASHED
        self.hashed = 0
        """Parts of keys that were counted."""
        self._placing = 0.0
        self._looked_at = 0
        self._end = time.monotonic() + limits.seconds

    def take_values(self, count: int = 1) -> None:
        """Count values before they are made.

        Raises:
            PayloadTooLarge: there are too many, or the time is over.
        """
        self.values += count
        if self.values >= self._next_look:
            if self.values > self.limits.values:
                raise self.too_many_values()
            self._next_look = min(self.values + _BETWEEN_LOOKS, self.limits.values + 1)
            self.check_time()

    def take_bytes(self, count: int) -> None:
        """Count bytes before they are made.

        Raises:
            PayloadTooLarge: there are too many.
        """
        self.made_bytes += count
        if self.made_bytes > self.limits.made_bytes:
            raise self.too_many_bytes()

    def foresee_values(self, count: int, size: int = 0) -> None:
        """Make sure that there is room for values, before any is made that nobody would see.

        Args:
            count: how many there will be.
            size: how many bytes each takes.

        Raises:
            PayloadTooLarge: there is none, and a part of them is of no use.
        """
        if self.limits.must_be_whole and self.values + count > self.limits.values:
            raise self.too_many_values()
        if self.limits.must_be_whole and self.made_bytes + count * size > self.limits.made_bytes:
            raise self.too_many_bytes()

    def allow_hashing(self, payload: int) -> None:
        """Allow the keys of a payload to be hashed: as many parts as so many bytes can hold."""
        self._may_hash += _HASHED_PER_BYTE * payload

    def take_hashing(self, parts: int = 1) -> None:
        """Count parts of a key before they are hashed.

        Raises:
            ValueError: there are more than a payload can hold, so that some are shared.
        """
        self.hashed += parts
        if self.hashed > self._may_hash:
            raise ValueError("a key whose parts are shared too often")

    def take_placing(self, seconds: float) -> float:
        """Count time that keys took beyond that of ordinary ones, which may be less than none.

        Returns:
            All of it in a row, so far.
        """
        self._placing = max(self._placing + seconds, 0.0)
        return self._placing

    def take_looks(self, count: int) -> None:
        """Count bytes that are looked at and not kept.

        Raises:
            PayloadTooLarge: the time is over.
        """
        self._looked_at += count
        if self._looked_at >= _LOOKED_AT:
            self._looked_at = 0
            self.check_time()

    def check_depth(self, depth: int, most: int | None = None) -> None:
        """Make sure that containers do not lie too deep in each other.

        Args:
            depth: how deep they do.
            most: how deep a reader can go at most, if that is less than the limit.

        Raises:
            PayloadTooLarge: they do.
        """
        most = min(most or self.limits.depth, self.limits.depth)
        if depth > most:
            raise self._too_deep(most)

    def check_time(self) -> None:
        """Make sure that there is time left.

        Raises:
            PayloadTooLarge: there is none.
        """
        if time.monotonic() > self._end:
            raise self.too_late()

    def too_many_values(self) -> PayloadTooLarge:
        """The error for more values than the limit."""
        return self._error(f"more than {self.limits.values:,} values", _after(self.limits.values))

    def too_many_bytes(self) -> PayloadTooLarge:
        """The error for more bytes than the limit."""
        most = self.limits.made_bytes
        return self._error(f"more than {most:,} bytes when read", f"stopped after {most:,} bytes")

    def _too_deep(self, most: int) -> PayloadTooLarge:
        return self._error(
            f"containers in each other, more than {most:,} deep",
            f"stopped at a depth of {most:,}",
            is_fixed=True,
        )

    def too_deep(self) -> PayloadTooLarge:
        """The error for containers that lie too deep in each other."""
        return self._too_deep(self.limits.depth)

    def too_late(self) -> PayloadTooLarge:
        """The error for reading that takes longer than the limit."""
        time_ = f"{self.limits.seconds:.3g} s"
        return self._error(f"reading takes longer than {time_}", f"stopped after {time_}")

    def too_many_digits(self) -> PayloadTooLarge:
        """The error for an integer that has too many digits to become a text."""
        most = self.limits.digits
        return self._error(
            f"an integer of more than {most:,} digits",
            f"stopped at an integer of more than {most:,} digits",
            is_fixed=True,
        )

    def has_no_end(self) -> PayloadTooLarge:
        """The error for a container that contains itself."""
        return self._error(
            "a container in it contains itself", "stopped at a container that contains itself",
            is_fixed=True,
        )  # fmt: skip

    def _error(self, limit: str, stopped: str, *, is_fixed: bool = False) -> PayloadTooLarge:
        return PayloadTooLarge(limit, stopped, "" if is_fixed else self.limits.remedy)


def _after(values: int) -> str:
    return f"stopped after {values:,} values"
