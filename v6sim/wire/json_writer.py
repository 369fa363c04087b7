"""Writing JSON as it is made: a document whose parts are shared takes no more memory than they do.

The text is that of `json.dumps(value, indent=2, allow_nan=False)`.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from v6sim.wire.expansion import Expander, runs_of
from v6sim.wire.limits import to_use

_SMALL = 2_000
"""Values up to which a part is made into a text at once."""

_MOST_KEPT = 16 * 2**20
"""Characters of parts that are kept for when they come again."""

_AT_ONCE = 1_000
"""Texts that are written at a time."""

_Kept = dict[tuple[int, int], str]


def write_json(value: Any, write: Callable[[str], object]) -> None:
    """Write a value as JSON.

    Args:
        value: of dicts, lists, texts, numbers, booleans and None.
        write: takes the text, part by part.
    """
    parts: list[str] = []
    for part in _Writer().parts(value, 0):
        parts.append(part)
        if len(parts) >= _AT_ONCE:
            write("".join(parts))
            parts.clear()
    write("".join(parts))


class _Writer:
    """Makes the parts of one document."""

    def __init__(self) -> None:
        self._kept: _Kept = {}
        self._left = _MOST_KEPT
        self._expander = Expander(to_use())

    def parts(self, value: Any, depth: int) -> Iterator[str]:
        if not isinstance(value, dict | list) or not value:
            yield json.dumps(value, allow_nan=False)
        elif (text := self._at_once(value, depth)) is not None:
            yield text
        else:
            yield from self._one_by_one(value, depth)

    def _at_once(self, value: Any, depth: int) -> str | None:
        """The text of a small part; None for a large one."""
        key = id(value), depth
        if key in self._kept:
            return self._kept[key]
        if self._expander.expand(value).values > _SMALL:
            return None
        text = json.dumps(value, indent=2, allow_nan=False).replace("\n", "\n" + "  " * depth)
        if len(text) <= self._left:
            self._left -= len(text)
            self._kept[key] = text
        return text

    def _one_by_one(self, value: Any, depth: int) -> Iterator[str]:
        if isinstance(value, dict):
            items = ((f"{json.dumps(name)}: ", item, 1) for name, item in value.items())
        else:
            items = (("", item, times) for item, times in runs_of(value))
        begin, end = "{}" if isinstance(value, dict) else "[]"
        space = "\n" + "  " * (depth + 1)
        yield begin
        comma = ""
        for name, item, times in items:
            yield f"{comma}{space}{name}"
            yield from self.parts(item, depth + 1)
            comma = ","
            if times > 1:
                yield from self._again(f",{space}", item, depth + 1, times - 1)
        yield "\n" + "  " * depth + end

    def _again(self, before: str, item: Any, depth: int, times: int) -> Iterator[str]:
        """The same item once more, and again: its text is made once if it is small."""
        is_small = not isinstance(item, dict | list) or self._at_once(item, depth) is not None
        text = before + "".join(self.parts(item, depth)) if is_small else ""
        while times > 0:
            if is_small:
                count = min(times, max(_AT_ONCE * 100 // len(text), 1))
                yield text * count
                times -= count
            else:
                yield before
                yield from self.parts(item, depth)
                times -= 1
