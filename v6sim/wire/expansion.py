"""How large a value is once everything in it that is shared is written out."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import Kind, is_of_numpy, kind_of
from v6sim.wire.foreign import ForeignObject, content_of
from v6sim.wire.limits import PayloadLimits

BITS_OF_A_DIGIT = 3.32
_LINES, _WIDTH = 62, 60
"""What pandas shows of a table: lines, and characters of a cell."""

_LISTS, _FEW = (list, tuple), 16
_SHOWN_ITEMS, _SHOWN_ENDS = 1000, 7
"""What NumPy shows of an array: all of a small one, else the ends of each dimension that is longer.

An array of many short dimensions is written in full, however many elements it has.
"""


_Inner = Iterator[tuple[Any, int]]
"""Containers in a container, and how often each comes one after the other."""


@dataclass(slots=True)
class Expansion:
    """The size of a value, with all that it refers to counted as often as it does.

    Args:
        values: containers and single values, names of items included; an array of numbers is one.
        characters: how long it is as a text, about.
        bits: how many bits the longest integer has.
        depth: how many containers lie in each other.
        lines: how many lines it has as indented JSON.
        indentation: how many characters stand before these lines.
    """

    values: int = 1
    characters: int = 2
    bits: int = 0
    depth: int = 0
    lines: int = 2
    indentation: int = 0

    def add(self, other: "Expansion", times: int = 1) -> None:
        """Count something that is in it, so many times."""
        self.values += other.values * times
        self.characters += (other.characters + 2) * times
        self.bits = max(self.bits, other.bits)
        self.depth = max(self.depth, other.depth + 1)
        self.lines += other.lines * times
        self.indentation += (other.indentation + 2 * other.lines) * times

    def check(self, limits: PayloadLimits) -> None:
        """Make sure that it is no larger than a payload may be.

        Raises:
            PayloadTooLarge: it is.
        """
        budget = Budget(limits)
        budget.check_depth(self.depth)
        if self.values > limits.values:
            raise budget.too_many_values()

    def has_digits_beyond(self, limits: PayloadLimits) -> bool:
        """Return whether an integer in it has too many digits to become a text."""
        return self.bits > limits.digits * BITS_OF_A_DIGIT


def expand(value: Any, limits: PayloadLimits) -> Expansion:
    """Return how large a value is; it takes as long as the value has parts, shared ones once.

    Args:
        value: what a payload was read to.
        limits: how far this goes.

    Raises:
        PayloadTooLarge: it has more containers than the limits allow, or one contains itself.
    """
    return Expander(limits).expand(value)


def check_depth(value: Any, limits: PayloadLimits) -> None:
    """Make sure that containers do not lie too deep in each other, where none is shared.

    Raises:
        PayloadTooLarge: they do.
    """
    budget, depth, level = Budget(limits), 0, [value]
    while level:
        budget.check_depth(depth)
        depth += 1
        level = [
            item
            for container in level
            for item in _inside(container)
            if type(item) not in _COUNT
        ]  # fmt: skip


def _inside(container: Any) -> Iterable[Any]:
    if isinstance(container, dict):
        return container.values()
    if isinstance(container, ForeignObject):
        return (content_of(container),)
    return container if isinstance(container, list | tuple | set | frozenset | deque) else ()


class Expander:
    """Measures values that may share parts, each part once; see `expand`."""

    def __init__(self, limits: PayloadLimits) -> None:
        self._budget = Budget(limits)
        self._known: dict[int, Expansion | None] = {}
        """Of each container by its id; None for those that are being measured."""

    def expand(self, value: Any) -> Expansion:
        """Return how large a value is, which has to exist as long as this measures others."""
        if kind_of(type(value)) is Kind.SINGLE:
            return _single(value)
        if (known := self._known.get(id(value))) is not None:
            return known
        whole = Expansion()
        waiting = [(value, 1, whole, self._enter(value, whole, 0))]
        while waiting:
            container, times, size, inner = waiting[-1]
            if (item := next(inner, None)) is None:
                self._known[id(container)] = size
                waiting.pop()
                if waiting:
                    waiting[-1][2].add(size, times)
                continue
            child, times = item
            if id(child) not in self._known:
                counted = Expansion()
                inner = self._enter(child, counted, len(waiting))
                waiting.append((child, times, counted, inner))
            elif (known := self._known[id(child)]) is None:
                raise self._budget.has_no_end()
            else:
                size.add(known, times)
        return whole

    def _enter(self, container: Any, size: Expansion, depth: int) -> _Inner:
        """Count the single values in a container; give the containers, each with its times."""
        self._budget.check_depth(depth)
        self._budget.take_values()
        self._known[id(container)] = None
        return _ENTER[kind_of(type(container))](container, size, self._budget)


def _of_items(items: Iterable[Any], size: Expansion, budget: Budget) -> _Inner:
    """Count single values, many of one type at once; give the containers."""
    types = set(map(type, items))
    if len(types) == 1 and (count := _COUNT.get(next(iter(types)))):
        count(items, size)
        size.lines += len(items)  # type: ignore[arg-type]  # they are a container's
        size.indentation += 2 * len(items)  # type: ignore[arg-type]
        return iter(())
    return _one_by_one(items, size, budget)


def _one_by_one(items: Iterable[Any], size: Expansion, budget: Budget) -> _Inner:
    for item, times in runs_of(items):
        budget.take_values()
        if kind_of(type(item)) is Kind.SINGLE:
            size.add(_single(item), times)
        elif type(item) in _LISTS and len(item) <= _FEW and _are_single(item):
            size.add(_of_few(item), times)
        else:
            yield item, times


def _are_single(items: Any) -> bool:
    return all(type(item) in _COUNT for item in items)


def _of_few(items: Any) -> Expansion:
    """A row of a table, say: it is not worth remembering."""
    size = Expansion()
    for item in items:
        size.add(_single(item))
    return size


def runs_of(items: Iterable[Any]) -> Iterator[tuple[Any, int]]:
    """Return the items, of those that are one object one after the other the first, and how many.

    Args:
        items: objects that exist as long as this goes on.
    """
    for _, same in groupby(items, id):
        first = next(same)
        yield first, 1 + sum(1 for _ in same)  # noqa: B031 - the first one is not in the sum


def _of_mapping(mapping: Any, size: Expansion, budget: Budget) -> _Inner:
    before = size.lines, size.indentation
    yield from _of_items(mapping.keys(), size, budget)
    size.lines, size.indentation = before  # names stand on the lines of their items
    yield from _of_items(mapping.values(), size, budget)


def _of_array(array: Any, size: Expansion, budget: Budget) -> _Inner:
    size.depth = array.ndim
    shape = array.shape
    if array.size > _SHOWN_ITEMS:
        shape = tuple(min(length, _SHOWN_ENDS) for length in shape)
    size.characters += (prod(shape[:-1]) if array.size else 1) * 3 * array.ndim  # of brackets
    if array.dtype.hasobject:
        return _of_items(array.ravel().tolist(), size, budget)
    size.characters += prod(shape) * (25 + 4 * array.dtype.itemsize)
    return iter(())


def _of_labels(index: Any, size: Expansion, _budget: Budget) -> _Inner:
    """The labels of a table: it is as wide as the longest."""
    levels = index.levels if hasattr(index, "levels") else [index]
    longest = 0
    for level in levels:
        if level.dtype.kind == "O" or level.dtype.name == "str":
            longest += max(map(_length, level), default=0)
    size.characters += _LINES * (_WIDTH + longest)
    return iter(())


def _length(label: Any) -> int:
    if isinstance(label, tuple):
        return sum(map(_length, label))
    return _single(label).characters


def _of_columns(columns: Iterable[Any], size: Expansion, budget: Budget) -> _Inner:
    for column in columns:
        size.add(Expansion())
        if column.dtype.kind == "O":
            yield from _of_items(list(column), size, budget)


def _of_series(series: Any, size: Expansion, budget: Budget) -> _Inner:
    _of_labels(series.index, size, budget)
    size.depth = 1
    yield from _of_columns([series], size, budget)


def _of_table(table: Any, size: Expansion, budget: Budget) -> _Inner:
    size.depth = 2
    for labels in (table.index, table.columns):
        _of_labels(labels, size, budget)
    size.characters += _LINES * _WIDTH * min(table.shape[1], _WIDTH)
    columns = (table.iloc[:, place] for place in range(table.shape[1]))
    yield from _of_columns(columns, size, budget)


def _of_foreign(found: Any, size: Expansion, _budget: Budget) -> _Inner:
    size.lines += 1
    size.values += 1
    size.characters += 40
    yield content_of(found), 1


def _of_record(record: Any, size: Expansion, budget: Budget) -> _Inner:
    if record.dtype.names:
        return _of_items([record[name] for name in record.dtype.names], size, budget)
    size.characters += 4 * int(record.itemsize) + 25
    return iter(())


_ENTER: dict[Kind, Callable[[Any, Expansion, Budget], _Inner]] = {
    Kind.SEQUENCE: _of_items,
    Kind.MAPPING: _of_mapping,
    Kind.ARRAY: _of_array,
    Kind.INDEX: _of_labels,
    Kind.SERIES: _of_series,
    Kind.TABLE: _of_table,
    Kind.RECORD: _of_record,
    Kind.FOREIGN: _of_foreign,
}


def _count_texts(texts: Any, size: Expansion) -> None:
    size.values += len(texts)
    size.characters += sum(map(len, texts)) + 4 * len(texts)
    size.depth = max(size.depth, 1)


def _count_integers(numbers: Any, size: Expansion) -> None:
    size.values += len(numbers)
    size.characters += sum(map(int.bit_length, numbers)) // 3 + 4 * len(numbers)
    size.bits = max(size.bits, *map(int.bit_length, numbers))
    size.depth = max(size.depth, 1)


def _count_others(values: Any, size: Expansion) -> None:
    size.values += len(values)
    size.characters += 24 * len(values)
    size.depth = max(size.depth, 1)


_COUNT: dict[type, Callable[[Any, Expansion], None]] = {
    str: _count_texts,
    int: _count_integers,
    float: _count_others,
    bool: _count_others,
    type(None): _count_others,
}


def _single(value: Any) -> Expansion:
    if isinstance(value, str):
        return Expansion(lines=1, characters=len(value) + 2)
    if isinstance(value, int):
        return Expansion(lines=1, characters=value.bit_length() // 3 + 2, bits=value.bit_length())
    if isinstance(value, bytes | bytearray):
        return Expansion(lines=1, characters=4 * len(value) + 3)
    if is_of_numpy(value):
        return Expansion(lines=1, characters=4 * value.itemsize + 25)
    return Expansion(lines=1, characters=3 * value.__sizeof__())
