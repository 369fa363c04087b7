"""Ways to write values as texts."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from v6sim.wire.containers import Kind, as_text, items_of, kind_of, pairs_of, single
from v6sim.wire.foreign import ForeignObject, content_of
from v6sim.wire.key_names import distinct
from v6sim.wire.limits import TO_SHOW

_LONGEST_NAME = 1_000
"""Characters of a name that is a container, such as a tuple."""


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
        named = distinct(pairs, lambda key: name_of(key, most))
        in_order = sorted(named, key=lambda pair: pair[0]) if self._is_sorted else named
        yield from ((f"{self._text(name)}: ", item) for name, item in in_order)

    def _text(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=self._is_ascii)


class Python:
    """As Python writes its own values, on one line; arrays and tables as lists and dicts."""

    def open(self, value: Any, most: int) -> Opened | None:
        """Return a container; see `Style`."""
        if isinstance(value, ForeignObject):
            parts = ((f"{name}=", part) for name, part in content_of(value).items())
            return Opened("ForeignObject(", ")", parts)
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
    from v6sim.wire.printing import Printer

    return Printer(Python(), TO_SHOW, min(most, _LONGEST_NAME)).print(key).text
