"""Values as texts for people, within limits: printing stops, and says so.

A value that shares parts is printed as often as it refers to them, one by one, until a limit is
reached; nothing of it is made whole before.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from v6sim.wire.containers import Kind, as_text, items_of, kind_of, pairs_of, single
from v6sim.wire.expansion import expand
from v6sim.wire.limits import TO_SHOW, Budget, PayloadLimits, PayloadTooLarge

LONGEST = 1_000_000
"""Characters of a text that is not meant for a page."""

_LONGEST_NAME = 1_000
"""Characters of a name that is a container, such as a tuple."""

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


class Opened(NamedTuple):
    """A container as it is written.

    Args:
        begin: what stands before its items.
        end: what stands after them.
        items: the items, each with what stands before it, such as its name.
    """

    begin: str
    end: str
    items: Iterator[tuple[str, Any]]


class Style(Protocol):
    """A way to write values."""

    def open(self, value: Any, most: int) -> Opened | None:
        """Return a container as it is written; None for a single value."""
        ...

    def single(self, value: Any, most: int) -> str:
        """Return a single value as it is written; of a long one a little more than `most`."""
        ...

    def separator(self, number: int, depth: int) -> str:
        """Return what stands before an item of a container, counting from 0."""
        ...

    def close(self, count: int, depth: int) -> str:
        """Return what stands before the end of a container of so many items."""
        ...


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


class Json:
    """As JSON, two spaces for each depth; numbers that it has not are null.

    Args:
        is_sorted: whether names stand in their order.
        is_ascii: whether other characters are escaped.
    """

    def __init__(self, *, is_sorted: bool = False, is_ascii: bool = False) -> None:
        self._is_sorted, self._is_ascii = is_sorted, is_ascii

    def open(self, value: Any, most: int) -> Opened | None:
        """Return an array or object; see `Style`."""
        if (pairs := pairs_of(value)) is not None:
            return Opened("{", "}", self._named(pairs, most))
        if (items := items_of(value)) is not None:
            return Opened("[", "]", (("", item) for item in items))
        return None

    def single(self, value: Any, most: int) -> str:
        """Return a single value; see `Style`."""
        found = single(_cut(value, most))
        return self._text(found) if isinstance(found, str) else json.dumps(found)

    def separator(self, number: int, depth: int) -> str:
        """Return a comma and a new line; see `Style`."""
        return ("," if number else "") + "\n" + "  " * depth

    def close(self, count: int, depth: int) -> str:
        """Return a new line, unless there is nothing in the container; see `Style`."""
        return "\n" + "  " * depth if count else ""

    def _named(self, pairs: Iterable[tuple[Any, Any]], most: int) -> Iterator[tuple[str, Any]]:
        named = ((name_of(key, most), item) for key, item in pairs)
        in_order = sorted(named, key=lambda pair: pair[0]) if self._is_sorted else named
        yield from ((f"{self._text(name)}: ", item) for name, item in in_order)

    def _text(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=self._is_ascii)


class Python:
    """As Python writes its own values, on one line; arrays and tables as lists and dicts."""

    def open(self, value: Any, most: int) -> Opened | None:
        """Return a container; see `Style`."""
        if (pairs := pairs_of(value)) is not None:
            return Opened("{", "}", ((f"{self.single(key, most)}: ", item) for key, item in pairs))
        items = items_of(value)
        if items is None:
            return None
        begin, end = _BRACKETS.get(type(value), ("[", "]"))
        if isinstance(value, tuple) and len(value) == 1:
            end = f",{end}"
        if isinstance(value, set | frozenset) and not value:
            begin, end = f"{type(value).__name__}(", ")"
        return Opened(begin, end, _unnamed(items))

    def single(self, value: Any, most: int) -> str:
        """Return a single value, or a key; see `Style`."""
        if kind_of(type(value)) is not Kind.SINGLE:
            return name_of(value, most)
        return as_text(_cut(value, most).__repr__)

    def separator(self, number: int, depth: int) -> str:  # noqa: ARG002
        """Return a comma; see `Style`."""
        return ", " if number else ""

    def close(self, count: int, depth: int) -> str:  # noqa: ARG002
        """Return nothing; see `Style`."""
        return ""


_BRACKETS: dict[Any, tuple[str, str]] = {
    tuple: ("(", ")"), set: ("{", "}"), frozenset: ("frozenset({", "})"),
}  # fmt: skip


def _unnamed(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    return (("", item) for item in items)


def _cut(value: Any, most: int) -> Any:
    """A text or bytes, of which no more is written than is wanted."""
    return value[: most + 1] if isinstance(value, str | bytes | bytearray) else value


def name_of(key: Any, most: int = _LONGEST_NAME) -> str:
    """Return a key as JSON names it, which is a text; a long one in part.

    Args:
        key: a key of a dict, or a label of a table.
        most: how many characters of it are of interest.
    """
    if kind_of(type(key)) is Kind.SINGLE:
        return as_text(_cut(key, most).__str__)[: most + 1]
    return Printer(Python(), TO_SHOW, min(most, _LONGEST_NAME)).print(key).text


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


__all__ = ["LONGEST", "Json", "Printed", "Printer", "Python", "as_json", "as_python", "as_repr"]
