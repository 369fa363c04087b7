"""Troubles of nodes with their data."""

import csv
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from v6sim.node.assignment import Assignment
from v6sim.node.data import DEFAULT, Databases
from v6sim.sandbox.arguments import UnknownName
from v6sim.sandbox.faults.trouble import Ground, Trouble
from v6sim.world.nearest import choices

Row = list[str]


class CannotSpoil(ValueError):
    """The data are none of the kind that can be changed; the text says what is."""


@dataclass(kw_only=True, eq=False)
class SpoiltData(Trouble, ABC):
    """Runs get another file than the node has.

    Args:
        database: label of the data; the others stay as they are.
    """

    database: str = DEFAULT

    def __post_init__(self) -> None:
        super().__post_init__()
        self._spoilt: dict[str, str] = {}

    def begin(self, ground: Ground) -> None:
        """Write the other files.

        Raises:
            CannotSpoil: the nodes have no such data, or these are no CSV files.
            UnknownName: they have no such column.
        """
        super().begin(ground)
        files = ground.files(self.database)
        if not files:
            raise CannotSpoil(f"the node has no file as its database {self.database!r}")
        self._folder = ground.folder()
        for file in files:
            self.check(read(file)[0])

    def check(self, header: Row) -> None:
        """Make sure that data with these columns can be spoilt.

        Raises:
            UnknownName: there is no such column.
        """

    @abstractmethod
    def spoil(self, header: Row, rows: Sequence[Row]) -> Sequence[Row]:
        """What is to stand in the file, of what stands there; it may be spoilt already."""

    def databases(self, assignment: Assignment, databases: Databases) -> Databases:
        """The data that a run gets."""
        if (assignment.database or DEFAULT) != self.database or not self.meets(assignment.run_id):
            return databases
        self.tell()
        uris = {each.label: each.uri for each in databases}
        return Databases({**uris, self.database: self._other(uris[self.database])})

    def _other(self, file: str) -> str:
        """The file that is there in the place of one, which may have been spoilt already."""
        if file not in self._spoilt:
            header, rows = read(Path(file))
            other = self._folder / f"{len(self._spoilt)}-{Path(file).name}"
            with other.open("w", newline="", encoding="utf-8") as target:
                csv.writer(target, lineterminator="\n").writerows(self.spoil(header, rows))
            self._spoilt[file] = str(other)
        return self._spoilt[file]


@dataclass(kw_only=True, eq=False)
class SpoiltColumn(SpoiltData):
    """There is something wrong with a column.

    Args:
        column: its name.
    """

    column: str

    def check(self, header: Row) -> None:
        """Make sure that there is the column.

        Raises:
            UnknownName: there is not.
        """
        if self.column not in header:
            raise UnknownName(
                f"the data have no column {self.column!r}; {choices(self.column, header)}"
            )


@dataclass(kw_only=True, eq=False)
class WithoutColumn(SpoiltColumn):
    """The data lack a column."""

    def spoil(self, header: Row, rows: Sequence[Row]) -> Sequence[Row]:
        """All but that column."""
        kept = [place for place, name in enumerate(header) if name != self.column]
        return [[row[place] for place in kept] for row in (header, *rows)]


@dataclass(kw_only=True, eq=False)
class NoRows(SpoiltData):
    """The data have their columns, and no row."""

    def spoil(self, header: Row, rows: Sequence[Row]) -> Sequence[Row]:  # noqa: ARG002
        """The header alone."""
        return [header]


@dataclass(kw_only=True, eq=False)
class OtherTypes(SpoiltColumn):
    """A column of numbers is one of texts, or the other way round."""

    def spoil(self, header: Row, rows: Sequence[Row]) -> Sequence[Row]:
        """The same with that column changed."""
        places = [place for place, name in enumerate(header) if name == self.column]
        changed = [list(row) for row in rows]
        for place in places:
            has_numbers = all(_is_number(row[place]) for row in rows)
            for number, row in enumerate(changed, 1):
                row[place] = f"about {row[place]}" if has_numbers else str(number)
        return [header, *changed]


def read(file: Path) -> tuple[Row, list[Row]]:
    """Header and rows of a CSV file.

    Raises:
        CannotSpoil: it is none.
    """
    if file.suffix.lower() != ".csv":
        raise CannotSpoil(f"{file} is no CSV file: only the data in CSV files can be spoilt")
    with file.open(newline="", encoding="utf-8-sig") as source:
        rows = [row for row in csv.reader(source) if row]
    if not rows:
        raise CannotSpoil(f"{file} is empty: it has no column that could be spoilt")
    return rows[0], rows[1:]


def columns_in(databases: Mapping[str, str]) -> Row:
    """The columns of the default database; none if it cannot be spoilt."""
    try:
        return read(Path(databases[DEFAULT]))[0]
    except (KeyError, OSError, CannotSpoil):
        return []


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True
