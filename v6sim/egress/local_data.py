"""An organization's own data, as far as the checks have to know it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from v6sim.egress.names import is_identifier, may_be_identifier
from v6sim.node.data import Database, Databases
from v6sim.wire.containers import as_text

_MOST_BYTES = 200 * 2**20
"""Size of a file that is still read."""

_BETWEEN = re.compile(r"[\s,;:()\[\]{}\"'=<>|/]+")
_NUMBERS = (int, float)
_MANY = 5
"""Texts in a column from which on it may look like identifiers by their being distinct."""


@dataclass(frozen=True)
class Place:
    """A column of the data."""

    label: str
    column: str

    def __str__(self) -> str:
        return f"column {self.column!r} of database {self.label!r}"


@dataclass
class LocalData:
    """What the checks know of the data.

    Args:
        unique: where a text or number is in exactly one row, identifiers left out.
        identifiers: where a text or number is one of those that identify somebody.
        lengths: what is so long: all rows, or those without missing values.
        columns: the values of each column, sorted, missing ones left out.
        names: the names of all columns.
        aggregates: sums, means and the like of whole columns.
        problems: why some of the data is not known here.
    """

    unique: dict[str | float, Place] = field(default_factory=dict)
    identifiers: dict[str | float, Place] = field(default_factory=dict)
    lengths: dict[int, str] = field(default_factory=dict)
    columns: dict[Place, list[Any]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    aggregates: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @cached_property
    def phrases(self) -> Mapping[str, tuple[int, ...]]:
        """How many words the texts of several words have that are looked for, by the first one."""
        found: dict[str, set[int]] = {}
        for known in (self.unique, self.identifiers):
            for text in known:
                if isinstance(text, str) and len(parts := words(text)) > 1:
                    found.setdefault(parts[0], set()).add(len(parts))
        return {first: tuple(sorted(lengths)) for first, lengths in found.items()}


def words(text: str) -> list[str]:
    """The words of a text, numbers and addresses in one piece."""
    return [word for word in _BETWEEN.split(text) if word]


def known_of(uris: Mapping[str, str]) -> LocalData:
    """What is known of some databases, by their labels; files that are not CSV are left out."""
    return _known(tuple(_fresh(database) for database in Databases(uris)))


@dataclass(frozen=True)
class _Version:
    """A database as it is now, so that what was read of it is read again once it changes."""

    database: Database
    size: int = 0
    changed: int = 0


def _fresh(database: Database) -> _Version:
    if not database.is_file or not Path(database.uri).is_file():
        return _Version(database)
    found = Path(database.uri).stat()
    return _Version(database, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=16)
def _known(versions: tuple[_Version, ...]) -> LocalData:
    data = LocalData()
    for version in versions:
        try:
            frame = _read(version)
        except (OSError, ValueError) as error:
            data.problems.append(f"database {version.database.label!r}: {error}")
        except MemoryError:
            text = f"database {version.database.label!r}: there is not enough memory for it"
            data.problems.append(text)
        else:
            _learn(data, version.database.label, frame)
    return data


def _read(version: _Version) -> pd.DataFrame:
    database = version.database
    if database.type != "csv":
        raise ValueError("only CSV files are compared with what leaves")
    path = Path(database.uri)
    if path.exists() and not path.is_file():  # reading a pipe or a device may never end
        raise ValueError("only regular files are compared with what leaves")
    if version.size > _MOST_BYTES:
        raise ValueError(f"it has {version.size} bytes, which is too much to compare with")
    return pd.read_csv(path)


def _learn(data: LocalData, label: str, frame: pd.DataFrame) -> None:
    data.lengths.setdefault(len(frame), f"the {len(frame)} rows of database {label!r}")
    for name in frame.columns:
        place, values = Place(label, str(name)), frame[name].dropna()
        plain = [comparable(value) for value in values.tolist()]
        data.names.add(str(name))
        data.columns[place] = sorted(plain, key=str)
        data.lengths.setdefault(len(plain), f"the {len(plain)} values of {place}")
        counts = Counter(plain)
        if _identifies(str(name), counts):
            data.identifiers.update((value, place) for value in counts)
        elif not pd.api.types.is_bool_dtype(values):
            once = (value for value, count in counts.items() if count == 1)
            data.unique.update((value, place) for value in once)
        data.aggregates.extend(_aggregates(values))


def comparable(value: Any) -> str | float:
    """A value in the form in which values are compared: numbers as floats, the rest as texts."""
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return as_text(value.__str__)
    return as_text(value.__str__).strip()


def _identifies(name: str, counts: Counter[str | float]) -> bool:
    """Whether the values of a column are for telling people apart."""
    if is_identifier(name):
        return True
    if not counts:
        return False
    if may_be_identifier(name):
        return len(counts) >= sum(counts.values()) / 2
    only_texts = all(isinstance(value, str) for value in counts)
    return only_texts and len(counts) == sum(counts.values()) >= _MANY


def _aggregates(values: pd.Series) -> Iterator[float]:
    """What is said of a column as a whole; minimum, maximum and median are values of rows."""
    if pd.api.types.is_numeric_dtype(values) and len(values) > 1:
        yield from (float(values.sum()), float(values.mean()))
        for freedom in (0, 1):
            yield from (float(values.std(ddof=freedom)), float(values.var(ddof=freedom)))
