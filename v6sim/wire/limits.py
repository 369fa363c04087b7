"""Limits of what a payload becomes when it is read: a few bytes can stand for gigabytes.

A reader that *shows* a payload to people works within `TO_SHOW`: it stops and shows what it has.
A reader whose value is *used* works within `to_use()`: it gives the whole value or one error.
"""

import math
import os
import time
from dataclasses import dataclass, replace
from typing import Any, Self

SETTING = "max_payload_values"
"""The setting that says how many values a payload that is used may have."""

VARIABLE = "V6SIM_MAX_PAYLOAD_VALUES"
DEFAULT_VALUES = 50_000_000
_GIBIBYTE = 2**30
_DIGITS = 4_300
"""Of an integer: what Python itself turns into text unless it is told otherwise."""

_BETWEEN_LOOKS = 500
"""Values between two looks at the clock."""


_HASHED, _HASHED_PER_BYTE = 10_000, 4
"""Parts of keys that are hashed: of any payload, and for each of its bytes."""


class UnreadablePayload(ValueError):
    """A payload cannot be read; the text says why."""


class PayloadTooLarge(UnreadablePayload):
    """A payload would become larger than a limit allows.

    Args:
        limit: the limit that it reached, with its value, such as `200,000 values`.
        stopped: how a reader that shows says so, such as `stopped after 200,000 values`.
        remedy: how to raise the limit; empty if it is fixed.
    """

    def __init__(self, limit: str, stopped: str, remedy: str = "") -> None:
        super().__init__(f"it is too large to be read whole: {limit}{remedy}")
        self.limit, self.stopped = limit, stopped
        self.partial: list[Any] = []
        """What was read before, as the only item; empty if that is nothing."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class PayloadLimits:
    """How large a payload may become.

    Args:
        values: how many values it has, each counted as often as it is referred to.
        made_bytes: how many bytes are made of it: decompressed, in arrays, in copies.
        digits: how many digits an integer has, where it becomes a text.
        depth: how many containers lie in each other.
        seconds: how long reading takes.
        remedy: what an error says of how to raise the limits.
    """

    values: int
    made_bytes: int
    digits: int = _DIGITS
    depth: int = 100
    seconds: float = math.inf
    remedy: str = ""

    @property
    def must_be_whole(self) -> bool:
        """Whether a payload is used, so that a part of it is of no use."""
        return bool(self.remedy)

    def within(self, seconds: float) -> Self:
        """The same limits, with less time if that is less."""
        return replace(self, seconds=min(self.seconds, max(seconds, 0.0)))


TO_SHOW = PayloadLimits(values=200_000, made_bytes=32 * 2**20, seconds=5.0)
"""For people: pages, texts of `v6sim run`, JUnit, the egress listing and its checks."""

TO_SHOW_AT_ONCE = PayloadLimits(values=5_000, made_bytes=2**18, seconds=0.05)
"""For what is shown by a process that has other things to do; it leaves the rest to another."""


def to_use(values: int | None = None) -> PayloadLimits:
    """The limits of a payload that is used.

    Args:
        values: how many values it may have; None for what the environment variable
            `V6SIM_MAX_PAYLOAD_VALUES` says, else 50 million.

    Raises:
        ValueError: it is no number above 0.
    """
    most = _checked(values if values is not None else os.environ.get(VARIABLE) or DEFAULT_VALUES)
    made = max(_GIBIBYTE, _GIBIBYTE * most // DEFAULT_VALUES)
    remedy = f". Raise `{SETTING}` (now {most:,}) to read it"
    return PayloadLimits(values=most, made_bytes=made, depth=500, remedy=remedy)


def _checked(values: int | str) -> int:
    text = str(values).strip().replace("_", "")
    if not text.isdecimal() or len(text) > 18 or not int(text):
        name = VARIABLE if isinstance(values, str) else SETTING
        raise ValueError(f"{name}={values!r:.60}: expected a number of values above 0")
    return int(text)


class Budget:
    """Counts what becomes of a payload, and stops what goes beyond its limits.

    Args:
        limits: the limits.
    """

    def __init__(self, limits: PayloadLimits) -> None:
        self.limits = limits
        self.values = self.made_bytes = 0
        self._next_look = min(_BETWEEN_LOOKS, limits.values + 1)
        self._hashing = _HASHED
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

    def foresee_values(self, count: int) -> None:
        """Make sure that there is room for values, before any is made that nobody would see.

        Raises:
            PayloadTooLarge: there is none, and a part of them is of no use.
        """
        if self.limits.must_be_whole and self.values + count > self.limits.values:
            raise self.too_many_values()

    def allow_hashing(self, payload: int) -> None:
        """Allow the keys of a payload to be hashed: as many parts as so many bytes can hold."""
        self._hashing += _HASHED_PER_BYTE * payload

    def take_hashing(self) -> None:
        """Count a part of a key before it is hashed.

        Raises:
            ValueError: there are more than a payload can hold, so that some are shared.
        """
        self._hashing -= 1
        if self._hashing < 0:
            raise ValueError("a key whose parts are shared too often")

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
