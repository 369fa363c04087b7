"""Values as texts for people, within limits: printing stops, and says so.

A value that shares parts is printed as often as it refers to them, one by one, until a limit is
reached; nothing of it is made whole before.
"""

from dataclasses import dataclass
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import Kind, kind_of
from v6sim.wire.expansion import expand
from v6sim.wire.limits import TO_SHOW, PayloadLimits, PayloadTooLarge
from v6sim.wire.text_styles import Json, Opened, Python, Style

LONGEST = 1_000_000
"""Characters of a text that is not meant for a page."""

_QUICKLY_WRITTEN = 100_000
"""Characters that are written at once, even if not all of them are wanted."""

_ELLIPSIS = "..."


@dataclass(frozen=True)
class Printed:
    """A value as a text.

    Args:
        text: the text, as far as it goes.
        stopped: why there is no more of it, such as `stopped after 200,000 values`; else empty.
    """

    text: str
    stopped: str = ""

    def __str__(self) -> str:
        return f"{self.text} ... ({self.stopped})" if self.stopped else self.text


class Printer:
    """Writes one value.

    Args:
        style: how.
        limits: how much of it is looked at.
        most: how many characters are written.
    """

    def __init__(self, style: Style, limits: PayloadLimits, most: int) -> None:
        self._style, self._budget, self._most = style, Budget(limits), most
        self._parts: list[str] = []
        self._left = most
        self._elided = ""
        """Why some containers are not written out."""

    def print(self, value: Any) -> Printed:
        """Return the value as a text."""
        stopped = ""
        try:
            self._write(value)
        except PayloadTooLarge as error:
            stopped = error.stopped
        text = "".join(self._parts).encode("utf-8", "backslashreplace").decode()
        return Printed(text, stopped or self._elided)

    def _write(self, value: Any) -> None:
        waiting: list[Opened] = []
        counts: list[int] = []
        self._begin(value, waiting, counts)
        while waiting:
            opened = waiting[-1]
            if (item := next(opened.items, None)) is None:
                depth = len(waiting) - 1
                self._put(self._style.close(counts.pop(), depth) + opened.end)
                waiting.pop()
                continue
            name, child = item
            self._put(self._style.separator(counts[-1], len(waiting)) + name)
            counts[-1] += 1
            self._begin(child, waiting, counts)

    def _begin(self, value: Any, waiting: list[Opened], counts: list[int]) -> None:
        self._budget.take_values()
        is_single = kind_of(type(value)) is Kind.SINGLE
        opened = None if is_single else self._style.open(value, self._left)
        if opened is None:
            self._put(self._single(value))
            return
        self._put(opened.begin)
        if len(waiting) >= self._budget.limits.depth:
            self._elide(opened)
            return
        waiting.append(opened)
        counts.append(0)

    def _elide(self, opened: Opened) -> None:
        """Leave out what lies too deep, and go on beside it."""
        self._put(_ELLIPSIS + opened.end)
        self._elided = f"stopped at a depth of {self._budget.limits.depth:,}"

    def _single(self, value: Any) -> str:
        if isinstance(value, int) and value.bit_length() > 3.32 * self._budget.limits.digits:
            digits = int(value.bit_length() / 3.3219) + 1
            self._elided = self._budget.too_many_digits().stopped
            return f"<an integer of about {digits:,} digits>"
        return self._style.single(value, self._left)

    def _put(self, text: str) -> None:
        if len(text) > self._left:
            self._parts.append(text[: self._left])
            self._left = 0
            stopped = f"stopped after {self._most:,} characters"
            raise PayloadTooLarge(f"more than {self._most:,} characters", stopped)
        self._left -= len(text)
        self._parts.append(text)


def as_json(value: Any, limits: PayloadLimits = TO_SHOW, most: int = LONGEST) -> Printed:
    """Return a value as JSON for people.

    Args:
        value: what a payload was read to.
        limits: how much of it is looked at.
        most: how many characters are written.
    """
    return Printer(Json(), limits, most).print(value)


def as_python(value: Any, limits: PayloadLimits = TO_SHOW, most: int = LONGEST) -> Printed:
    """Return a value as Python prints it: its own text, unless that would be too long.

    Args:
        value: what a payload was read to.
        limits: how much of it is looked at.
        most: how many characters are written.
    """
    if isinstance(value, str):
        return _cut_off(str(value[: most + 1]), most)
    return _native(value, str, limits, most) or Printer(Python(), limits, most).print(value)


def as_repr(value: Any, limits: PayloadLimits = TO_SHOW, most: int = LONGEST) -> Printed:
    """Return a value as Python shows it in a message; see `as_python`."""
    return _native(value, repr, limits, most) or Printer(Python(), limits, most).print(value)


def _native(value: Any, write: Any, limits: PayloadLimits, most: int) -> Printed | None:
    """What the value writes of itself; None if that would be too much, or fails."""
    try:
        size = expand(value, limits)
        size.check(limits)
    except PayloadTooLarge:
        return None
    if size.characters > max(2 * most, _QUICKLY_WRITTEN) or size.has_digits_beyond(limits):
        return None
    try:
        text: str = write(value)
    except Exception:  # strangers can make values that cannot be written
        return None
    return _cut_off(text, most)


def _cut_off(text: str, most: int) -> Printed:
    shown = text[:most].encode("utf-8", "backslashreplace").decode()
    return Printed(shown, f"stopped after {most:,} characters" if len(text) > most else "")
