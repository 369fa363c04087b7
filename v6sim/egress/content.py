"""A value taken apart: single values with the keys that lead there, and whole columns."""

import csv
import datetime as dt
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from v6sim.egress.leaves import Column, Content, Leaf, Location, Scalar
from v6sim.wire import payload
from v6sim.wire.bounded_json import read_json
from v6sim.wire.budget import Budget
from v6sim.wire.containers import as_text, plain_item
from v6sim.wire.foreign import ForeignObject
from v6sim.wire.limits import TO_SHOW, PayloadLimits, PayloadTooLarge
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.text_styles import name_of

__all__ = ["Column", "Content", "Leaf", "Location", "take_apart"]

MOST_TEXT = 1_000_000
"""Characters of texts that are looked at, all together."""

_LONGEST_KEY, _NEAREST = 200, 20
"""Characters of a key, and keys of a leaf, that may tell something."""

_SHORT, _BEGINNINGS = 200, ("{", "[")
"""Characters of a text that is no table, and how JSON begins."""

_SHORTEST_COLUMN = 2
_MOST_OPAQUE = 20
_PORTION = 4096

_Part = tuple[Any, tuple[str, ...], Location]
_Parts = Iterable[_Part]


def take_apart(value: Any, limits: PayloadLimits = TO_SHOW) -> Content:
    """Return the parts of a value, as far as the limits allow.

    Args:
        value: what left.
        limits: how many parts are looked at, how deep and how long.
    """
    return _Walk(Budget(limits)).take_apart(value)


class _Walk:
    """Goes through one value.

    Args:
        budget: what may be looked at.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._content = Content()
        self._characters = 0
        self._bytes: tuple[Any, Sequence[Any] | None] = None, None
        """The last bytes, and what they were found to be; they often come again and again."""

    def take_apart(self, value: Any) -> Content:
        """Return its parts."""
        waiting: list[Iterator[_Part]] = [iter([(value, (), Location())])]
        try:
            while waiting:
                part = next(waiting[-1], None)
                if part is None:
                    waiting.pop()
                    continue
                self._budget.take_values()
                if parts := self._parts(*part):
                    waiting.append(iter(parts))
                    self._budget.check_depth(len(waiting))
        except PayloadTooLarge as error:
            self._content.stopped = error.stopped
        return self._content

    def _parts(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """What a value consists of, having noted what it is itself."""
        if (reader := _reader_of(type(value))) is not None:
            return reader(self, value, keys, at)
        if value is not None:
            self._note(self._taken(as_text(value.__str__)), keys, at)
        return ()

    def _note(self, value: Scalar, keys: tuple[str, ...], at: Location) -> None:
        self._content.leaves.append(Leaf(value, keys, at))

    def _note_key(self, name: str, keys: tuple[str, ...], at: Location) -> None:
        self._content.leaves.append(Leaf(name, keys, at, is_key=True))

    def _note_column(self, length: int, read: Callable[[], Sequence[Any]], at: Location) -> None:
        if length >= _SHORTEST_COLUMN:
            self._content.columns.append(Column(length, read, at))

    def scalar(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A number or boolean."""
        if value == value:  # not NaN
            self._note(value, keys, at)
        return ()

    def of_numpy(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A scalar of NumPy that is neither text nor bytes, which would be copied."""
        self._budget.take_looks(value.itemsize)
        return ((plain_item(value), keys, at),)

    def decimal(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A decimal, as a number where it is one."""
        try:
            return ((float(value), keys, at),)
        except (ValueError, OverflowError):
            return ((as_text(value.__str__), keys, at),)

    def text(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A text: itself, or what it is the JSON or CSV of."""
        if len(value) < _SHORT and value[:1] not in _BEGINNINGS and "\n" not in value:
            self._note(self._taken(value), keys, at)
            return ()
        text = self._taken(value)
        if text[:1] in _BEGINNINGS:  # tables often leave as JSON in a text
            try:
                return ((read_json(text.encode(errors="replace"), self._budget), keys, at),)
            except UnreadablePayload as error:
                self._heed(error)
        self._note(text, keys, at)
        if text.count("\n") < 2 or "," not in text:
            return ()
        names, columns = self._columns_of_csv(text)
        for name, values in zip(names, columns, strict=True):
            self._note_column(len(values), values.copy, at.name(name))
        return ()

    def _taken(self, text: str) -> str:
        """As much of a text as is looked at."""
        left = MOST_TEXT - self._characters
        self._budget.take_looks(min(len(text), left))
        if len(text) <= left:
            self._characters += len(text)
            return text if type(text) is str else str(text)
        self._characters = MOST_TEXT
        self._content.stopped = f"stopped after {MOST_TEXT:,} characters of texts"
        return str(text[:left])

    def _heed(self, error: UnreadablePayload) -> None:
        """Something is only looked at as the text or the bytes that it is."""
        if isinstance(error, PayloadTooLarge):
            self._content.stopped = error.stopped

    def _columns_of_csv(self, text: str) -> tuple[list[str], list[list[str]]]:
        """The names and columns of a text that is a table; none if it is something else."""
        rows: list[list[str]] = []
        try:
            for row in csv.reader(io.StringIO(text)):
                if row and len(row) != len(rows[0] if rows else row):
                    return [], []
                if row:
                    self._budget.take_values(len(row))
                    rows.append(row)
        except csv.Error:
            return [], []
        if not rows or len(rows[0]) < 2:
            return [], []
        return rows[0], [list(column) for column in zip(*rows[1:], strict=True)] or [
            [] for _ in rows[0]
        ]

    def bytes_(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """Bytes that are a text, or a payload by themselves."""
        known, parts = self._bytes
        if known is not value:
            self._budget.take_looks(len(value))
            parts = self._read(value)
            self._bytes = value, parts
        if parts is None and len(self._content.opaque) < _MOST_OPAQUE:
            self._content.opaque.append(str(at) or "the whole")
        return ((part, keys, at) for part in parts or ())

    def _read(self, value: Any) -> Sequence[Any] | None:
        """What bytes are; None if nothing can be told."""
        try:
            return (bytes(value).decode(),)
        except UnicodeDecodeError:
            pass
        try:
            return (payload.read(bytes(value), self._budget),)
        except PayloadTooLarge as error:
            self._heed(error)
            return tuple(error.partial)
        except UnreadablePayload:
            return None

    def mapping(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A dict; one whose keys are numbers is a column."""
        names = [_name(key) for key in value]
        by_number = all(name.lstrip("-").isdigit() for name in names)
        if by_number and names:
            self._note_column(len(names), lambda: _singles(value.values()), at)
            return ((item, keys, at.name(name)) for name, item in _pairs(names, value))
        for name in names:
            self._note_key(name, keys, at)
        return ((item, _deeper(keys, name), at.name(name)) for name, item in _pairs(names, value))

    def sequence(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A list or set; one of dicts is a table by records."""
        self._note_column(len(value), lambda: _singles(value), at)
        if value and all(isinstance(item, dict) for item in value):
            first = next(iter(value))
            self._budget.take_values(len(first))
            for key in first:
                self._note_column(len(value), _of_records(value, key), at.name(_name(key)))
        return ((item, keys, at.item(f"[{number}]")) for number, item in enumerate(value))

    def range_(self, value: range, keys: tuple[str, ...], at: Location) -> _Parts:
        """Numbers in a row, however many."""
        length = max(-((value.start - value.stop) // value.step), 0)
        self._note_column(length, lambda: value, at)
        return ((item, keys, at.item(f"[{number}]")) for number, item in enumerate(value))

    def array(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """An array: its last dimension is of columns."""
        self._budget.take_looks(min(value.size, _PORTION) * value.itemsize)
        if value.ndim == 0:
            return ((value[()] if value.dtype.names else plain_item(value), keys, at),)
        if value.dtype.names:
            self._note_column(len(value), tuple, at)
            return ((value[name], _deeper(keys, name), at.name(name)) for name in value.dtype.names)
        if value.ndim > 1:
            self._note_column(len(value), tuple, at)
            return (
                (value[..., number], keys, at.item(f"[.., {number}]"))
                for number in range(value.shape[-1])
            )
        self._note_column(len(value), lambda: _singles(value.tolist()), at)
        return ((item, keys, at.item(f"[{n}]")) for n, item in enumerate(_items(value)))

    def record(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A row of an array with fields; or bytes."""
        if not value.dtype.names:
            return ((value.item(), keys, at),)
        for name in value.dtype.names:
            self._note_key(name, keys, at)
        return ((value[name], _deeper(keys, name), at.name(name)) for name in value.dtype.names)

    def foreign(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """An object that was not loaded: what it is of, and all that is known to be in it."""
        for text in (value.type, value.module):
            self._note(self._taken(text), keys, at)
        return self.mapping(value.fields, keys, at)

    def interval(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """An interval: its ends."""
        return ((end, keys, at) for end in (value.left, value.right))

    def nothing(self, _value: Any, _keys: tuple[str, ...], _at: Location) -> _Parts:
        """A value that is missing."""
        return ()

    def complex_(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A complex number: its parts."""
        return ((part, keys, at) for part in (value.real, value.imag))

    def table(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A table, column by column, as two of them may have one name."""
        if not value.shape[1]:
            return ((value.index, keys, at),)
        return ((value.iloc[:, number], keys, at) for number in range(value.shape[1]))

    def series(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A series; its own name counts for more than the labels of its values."""
        name = () if value.name is None else (_name(value.name),)
        for each in name:
            self._note_key(each, keys, at)
            at = at.name(each)
        self._note_column(len(value), lambda: _singles(value.tolist()), at)
        if isinstance(value.index, pd.RangeIndex):
            inner = _deeper(keys, *name)
            return ((item, inner, at.item(f"[{n}]")) for n, item in enumerate(value))
        return _labelled(value, keys, name, at)

    def index(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """The labels of a table."""
        if isinstance(value, pd.RangeIndex):
            return self.range_(range(value.start, value.stop, value.step), keys, at)
        self._note_column(len(value), lambda: _singles(value.tolist()), at)
        return ((item, keys, at.item(f"[{number}]")) for number, item in enumerate(value))

    def date(self, value: Any, keys: tuple[str, ...], at: Location) -> _Parts:
        """A day or a time."""
        if not pd.isna(value):
            self._note(as_text(value.isoformat).removesuffix("T00:00:00"), keys, at)
        return ()


_Reader = Callable[[_Walk, Any, tuple[str, ...], Location], _Parts]
_READERS: tuple[tuple[Any, _Reader], ...] = (
    (str, _Walk.text),
    ((bytes, bytearray), _Walk.bytes_),
    (ForeignObject, _Walk.foreign),
    (np.void, _Walk.record),
    (np.generic, _Walk.of_numpy),
    ((bool, int, float), _Walk.scalar),
    ((Decimal, Fraction), _Walk.decimal),
    (complex, _Walk.complex_),
    (type(pd.NA), _Walk.nothing),
    (dict, _Walk.mapping),
    ((list, tuple, set, frozenset, deque), _Walk.sequence),
    (range, _Walk.range_),
    (np.ndarray, _Walk.array),
    (pd.DataFrame, _Walk.table),
    (pd.Series, _Walk.series),
    ((pd.Index, pd.api.extensions.ExtensionArray), _Walk.index),
    (pd.Interval, _Walk.interval),
    ((dt.date, dt.time), _Walk.date),
)


def _find_reader(type_: type) -> _Reader | None:
    return next((reader for kinds, reader in _READERS if issubclass(type_, kinds)), None)


_reader_of: Callable[[type], _Reader | None] = lru_cache(maxsize=512)(_find_reader)


def _name(key: Any) -> str:
    """A key as a text; long ones tell nothing more by their ends."""
    return name_of(key, _LONGEST_KEY)


def _deeper(keys: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return (*keys, *names)[-_NEAREST:]


def _pairs(names: list[str], value: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    return zip(names, value.values(), strict=True)


def _items(array: Any) -> Iterator[Any]:
    for begin in range(0, len(array), _PORTION):
        yield from array[begin : begin + _PORTION].tolist()


def _labelled(
    series: Any, keys: tuple[str, ...], name: tuple[str, ...], at: Location
) -> Iterator[_Part]:
    """The values of a series under their labels, then the labels."""
    for label, item in zip(series.index, series, strict=True):
        text = _name(label)
        yield item, _deeper(keys, text, *name), at.item(f"[{text[:60]}]")
    yield series.index, keys, at.item(", index")


def _of_records(records: Iterable[dict[Any, Any]], key: Any) -> Callable[[], Sequence[Any]]:
    return lambda: _singles(record.get(key) for record in records)


def _singles(items: Iterable[Any]) -> list[Any]:
    """The items, if all of them are single values."""
    found = []
    for item in items:
        is_number = isinstance(item, np.generic) and not isinstance(item, np.flexible)
        value = plain_item(item) if is_number else item  # a copy of a long text would be long
        if value is not None and not isinstance(value, Scalar):
            return []
        found.append(value)
    return found
