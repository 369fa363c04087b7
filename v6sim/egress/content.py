"""A value taken apart: single values with the keys that lead there, and whole columns."""

import contextlib
import csv
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire import payload
from v6sim.wire.payload import UnreadablePayload

_MOST = 200_000
"""Parts of a value that are looked at."""

_DEEPEST = 200
"""How deep in each other."""

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Leaf:
    """A single value.

    Args:
        value: a text, number or boolean.
        keys: the names of what it is in, the nearest last.
        where: the same for people, such as `columns.age[3]`.
        is_key: whether it is itself the name of something.
    """

    value: Scalar
    keys: tuple[str, ...]
    where: str
    is_key: bool = False


@dataclass(frozen=True)
class Column:
    """Values that stand side by side.

    Args:
        length: how many there are.
        values: those that are single values; empty where they are something larger.
        where: for people.
    """

    length: int
    values: Sequence[Any]
    where: str


@dataclass
class Content:
    """All parts of a value.

    Args:
        leaves: its single values, the texts of keys among them.
        columns: its lists, arrays and columns of tables.
        opaque: where bytes stand that cannot be read.
        is_whole: whether this is all; what is very large is looked at in part.
    """

    leaves: list[Leaf] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    is_whole: bool = True


_Part = tuple[Any, tuple[str, ...], str]


def take_apart(value: Any) -> Content:
    """The parts of a value."""
    content = Content()
    waiting: list[Iterator[_Part]] = [iter([(value, (), "")])]
    seen = 0
    while waiting:
        part = next(waiting[-1], None)
        if part is None:
            waiting.pop()
            continue
        seen += 1
        if seen > _MOST or len(waiting) > _DEEPEST:
            content.is_whole = False
            break
        waiting.append(iter(_parts(content, *part)))
    return content


def _parts(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    """What a value consists of, having noted what it is itself."""
    for kinds, reader in _READERS:
        if isinstance(value, kinds):
            return reader(content, value, keys, where)
    if value is not None:
        content.leaves.append(Leaf(str(value), keys, where))
    return ()


def _scalar(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    if value == value:  # not NaN
        content.leaves.append(Leaf(value, keys, where))
    return ()


def _text(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    if value[:1] in ("{", "["):  # tables often leave as JSON in a text
        with contextlib.suppress(ValueError, RecursionError):
            return ((json.loads(value), keys, where),)
    content.leaves.append(Leaf(str(value), keys, where))
    rows = _rows_of_csv(value)
    for number, name in enumerate(rows[0] if rows else ()):
        values = [row[number] for row in rows[1:]]
        content.columns.append(Column(len(values), values, _below(where, name)))
    return ()


def _rows_of_csv(text: str) -> list[list[str]]:
    """The rows of a text that is a table; none if it is something else."""
    if text.count("\n") < 2 or "," not in text:
        return []
    try:
        rows = [row for row in csv.reader(text.splitlines()) if row]
    except csv.Error:
        return []
    return rows if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 else []


def _bytes(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    try:
        return ((bytes(value).decode(), keys, where),)
    except UnicodeDecodeError:
        pass
    try:
        return ((payload.read(bytes(value)), keys, where),)
    except (UnreadablePayload, RecursionError):
        content.opaque.append(where or "the whole")
        return ()


def _mapping(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    names = [str(key) for key in value]
    by_number = all(name.lstrip("-").isdigit() for name in names)
    if by_number and names:
        content.columns.append(Column(len(names), _singles(value.values()), where))
    else:
        content.leaves.extend(Leaf(name, keys, where, is_key=True) for name in names)
    return (
        (item, keys if by_number else (*keys, name), _below(where, name))
        for name, item in zip(names, value.values(), strict=True)
    )


def _sequence(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    items = list(value)
    content.columns.append(Column(len(items), _singles(items), where))
    if items and all(isinstance(item, dict) for item in items):  # a table by records
        for name in items[0]:
            values = _singles(item.get(name) for item in items)
            content.columns.append(Column(len(items), values, _below(where, str(name))))
    return ((item, keys, f"{where}[{number}]") for number, item in enumerate(items))


def _array(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    if value.ndim == 0:
        return ((value.item(), keys, where),)
    if value.ndim > 1:
        content.columns.append(Column(len(value), (), where))
        turned = (value[..., number].tolist() for number in range(value.shape[-1]))
        return ((each, keys, f"{where}[.., {number}]") for number, each in enumerate(turned))
    return ((value.tolist(), keys, where),)


def _table(_content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    parts = [
        (value.iloc[:, number], keys, where) for number in range(value.shape[1])
    ]  # by number, as two columns may have one name
    return parts or ((value.index, keys, where),)


def _series(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    """Its own name counts for more than the labels of its values."""
    name = () if value.name is None else (str(value.name),)
    content.leaves.extend(Leaf(each, keys, where, is_key=True) for each in name)
    where = _below(where, name[0]) if name else where
    values = value.tolist()
    content.columns.append(Column(len(values), _singles(values), where))
    if isinstance(value.index, pd.RangeIndex):
        return ((item, (*keys, *name), f"{where}[{number}]") for number, item in enumerate(values))
    labels = [str(label) for label in value.index]
    parts = [
        (item, (*keys, label, *name), f"{where}[{label}]")
        for label, item in zip(labels, values, strict=True)
    ]
    return [*parts, (value.index, keys, f"{where}, index")]


def _index(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    return _sequence(content, value.tolist(), keys, where)


def _date(content: Content, value: Any, keys: tuple[str, ...], where: str) -> Iterable[_Part]:
    if not pd.isna(value):
        text = value.isoformat()
        content.leaves.append(Leaf(text.removesuffix("T00:00:00"), keys, where))
    return ()


_Reader = Callable[[Content, Any, tuple[str, ...], str], Iterable[_Part]]
_READERS: tuple[tuple[Any, _Reader], ...] = (
    (np.generic, lambda _content, value, keys, where: ((value.item(), keys, where),)),
    (str, _text),
    ((bool, int, float), _scalar),
    (Decimal, lambda _content, value, keys, where: ((float(value), keys, where),)),
    ((bytes, bytearray), _bytes),
    (dict, _mapping),
    ((list, tuple, set, frozenset, range), _sequence),
    (np.ndarray, _array),
    (pd.DataFrame, _table),
    (pd.Series, _series),
    (pd.Index, _index),
    ((dt.date, dt.time), _date),
)


def _singles(items: Iterable[Any]) -> list[Any]:
    """The items, if all of them are single values."""
    found = [item.item() if isinstance(item, np.generic) else item for item in items]
    return found if all(item is None or isinstance(item, Scalar) for item in found) else []


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
