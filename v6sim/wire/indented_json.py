"""Writing JSON as it is made: a document whose parts are shared takes no more memory than they do.

The text is that of `json.dumps(value, indent=2, allow_nan=False)`.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from v6sim.wire.expansion import runs_of

_SMALL = 20_000
"""Values up to which a part is made into a text at once."""

_MOST_KEPT = 16 * 2**20
"""Characters of parts that are kept for when they come again."""

_SINGLE = {str, int, float, bool, type(None)}

_AT_ONCE = 100_000
"""Characters that are written at a time."""

_Named = tuple[str | None, Any]
_Kept = dict[tuple[int, int], str]


def write_json(value: Any, write: Callable[[str], object]) -> None:
    """Write a value as JSON.

    Args:
        value: of dicts, lists, texts, numbers, booleans and None.
        write: takes the text, part by part.
    """
    parts: list[str] = []
    length = 0
    for part in _Writer().parts(value, 0):
        parts.append(part)
        length += len(part)
        if length >= _AT_ONCE:
            write("".join(parts))
            parts.clear()
            length = 0
    write("".join(parts))


class _Writer:
    """Makes the parts of one document."""

    def __init__(self) -> None:
        self._kept: _Kept = {}
        self._left = _MOST_KEPT

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
        if _count(value, _SMALL) > _SMALL:
            return None
        text = _text_of(value, depth)
        if len(text) <= self._left:
            self._left -= len(text)
            self._kept[key] = text
        return text

    def _one_by_one(self, value: Any, depth: int) -> Iterator[str]:
        """A large part: its items, several small ones at once."""
        begin, end = "{}" if isinstance(value, dict) else "[]"
        space = "\n" + "  " * (depth + 1)
        yield begin
        comma = ""
        for items, times in self._portions(value):
            if times:
                [(name, item)] = items
                before = space if name is None else f"{space}{json.dumps(name)}: "
                yield f"{comma}{before}"
                yield from self.parts(item, depth + 1)
                yield from self._again(f",{before}", item, depth + 1, times - 1)
            else:
                yield comma + _together(items, depth)
            comma = ","
        yield "\n" + "  " * depth + end

    def _portions(self, value: Any) -> Iterator[tuple[list[_Named], int]]:
        """Small items together, with no number; others alone, with how often each comes."""
        small: list[_Named] = []
        left = _SMALL
        for name, item, times in _named_runs(value):
            size = _count(item, left) * times
            if size > left:
                if small:
                    yield small, 0
                small, left = [], _SMALL
            if size > _SMALL:
                yield [(name, item)], times
            else:
                small += [(name, item)] * times
                left -= size
        if small:
            yield small, 0

    def _again(self, before: str, item: Any, depth: int, times: int) -> Iterator[str]:
        """The same item once more, and again: its text is made once if it is small."""
        is_small = not isinstance(item, dict | list) or self._at_once(item, depth) is not None
        text = before + "".join(self.parts(item, depth)) if is_small and times else ""
        while times > 0:
            if is_small:
                count = min(times, max(_AT_ONCE // len(text), 1))
                yield text * count
                times -= count
            else:
                yield before
                yield from self.parts(item, depth)
                times -= 1


def _count(value: Any, most: int) -> int:
    """How many values are in one; a larger number than the most if there are more."""
    count, waiting = 1, [value]
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict):
            container = container.values()
        elif not isinstance(container, list):
            continue
        count += len(container)
        if count > most:
            break
        waiting.extend(item for item in container if isinstance(item, dict | list))
    return count


def _named_runs(value: Any) -> Iterator[tuple[str | None, Any, int]]:
    """The items with their names, if they have any, and how often each comes in a row."""
    if isinstance(value, dict):
        yield from ((name, item, 1) for name, item in value.items())
    else:
        yield from ((None, item, times) for item, times in runs_of(value))


def _together(items: list[_Named], depth: int) -> str:
    """The text of small items, without the brackets around them."""
    has_names = items[0][0] is not None
    part = dict(items) if has_names else [item for _, item in items]
    return _text_of(part, depth)[1 : -2 - 2 * depth]


def _text_of(value: Any, depth: int) -> str:
    """The text of a container that is not empty, as it stands at a depth."""
    items = value.values() if isinstance(value, dict) else value
    if _SINGLE.issuperset(map(type, items)):  # many times faster than with `indent`
        space = "\n" + "  " * (depth + 1)
        text = json.dumps(value, separators=(f",{space}", ": "), allow_nan=False)
        return f"{text[0]}{space}{text[1:-1]}{space[:-2]}{text[-1]}"
    text = json.dumps(value, indent=2, allow_nan=False)
    return text.replace("\n", "\n" + "  " * depth)
