"""Limits of what a payload becomes when it is read: a few bytes can stand for gigabytes.

A reader that *shows* a payload to people works within `TO_SHOW`: it stops and shows what it has.
A reader whose value is *used* works within `to_use()`: it gives the whole value or one error.
"""

import math
import os
from dataclasses import dataclass, replace
from typing import Any, Self

SETTING = "max_payload_values"
"""The setting that says how many values a payload that is used may have."""

VARIABLE = "V6SIM_MAX_PAYLOAD_VALUES"
DEFAULT_VALUES = 50_000_000
_GIBIBYTE = 2**30
_DIGITS = 4_300
"""Of an integer: what Python itself turns into text unless it is told otherwise."""


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
