"""Looking things up by their ids."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from v6sim.server.errors import InvalidField, NotFound
from v6sim.server.store.chunks import chunks
from v6sim.server.store.collaboration import Member
from v6sim.server.store.facts import facts_of
from v6sim.server.store.table import Table

T = TypeVar("T", bound=Table)

LARGEST = 2**63 - 1  # the largest whole number of an answer
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,2})?\s*", re.ASCII)
_HIGHEST = 2**31 - 1  # what every database keeps in a column of whole numbers


def find(session: Session, table: type[T], key: object) -> T:
    """The row of that id.

    Raises:
        NotFound: there is none.
    """
    row = look(session, table, key)
    if row is None:
        raise NotFound(str(table.__tablename__), key)
    return row


def look(session: Session, table: type[T], key: object) -> T | None:
    """The row of that id, or None. An id may be written as a text."""
    number = whole(key)
    return None if number is None else session.get(table, number)


def look_all(session: Session, table: type[T], keys: Iterable[object]) -> list[T]:
    """The rows of those ids that exist, in their order: thousands are looked up by one statement.

    Args:
        session: the database.
        table: where the rows are.
        keys: the ids, which may be written as texts.
    """
    numbers = [number for key in keys if (number := whole(key)) is not None]
    found: dict[int, T] = {}
    for chunk in chunks(set(numbers)):
        for row in session.exec(select(table).where(col(table.id).in_(chunk))):  # type: ignore[attr-defined]
            found[row.id] = row  # type: ignore[attr-defined]
    return [found[number] for number in numbers if number in found]


def whole(value: object) -> int | None:
    """A whole number that fits a column, however it is written; None if it is none."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return None
        value = int(value) if value.strip().lstrip("+-").isdecimal() else float(value)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if not isinstance(value, int) or abs(value) > _HIGHEST:
        return None
    return int(value)


def without_null(name: str, numbers: Iterable[int | None]) -> list[int]:
    """The numbers of a field.

    Raises:
        InvalidField: there is none in one of its places.
    """
    found: list[int] = []
    for each in numbers:
        if each is None:
            raise InvalidField(name, f"{name!r} has to be of type integer, not None")
        found.append(each)
    return found


def grouped(
    session: Session, by: Any, value: Any, keys: Collection[int], *others: Any
) -> dict[int, list[Any]]:
    """Values of one column by those of another: for each key, its values by ascending value.

    Args:
        session: the database.
        by: the column that holds the keys.
        value: the column of interest.
        keys: which keys.
        others: further columns; then each entry is a row with `value` first.
    """
    found: dict[int, list[Any]] = defaultdict(list)
    statement = _grouping(by, value, *others)
    for chunk in chunks(keys):
        for row in session.execute(statement, {"keys": chunk}):
            found[row[0]].append(row[1:] if others else row[1])
    return found


@cache
def _grouping(by: Any, value: Any, *others: Any) -> Any:
    """The statement for that, made once: making it takes as long as carrying it out."""
    key, *rest = (column(each) for each in (by, value, *others))
    keys: Any = bindparam("keys", expanding=True)
    return sqlalchemy.select(key, *rest).where(key.in_(keys)).order_by(rest[0])


def column(attribute: Any) -> Any:
    """The column behind an attribute of a table's class.

    A statement of columns alone takes a good third less, as no objects are made of its rows. It
    does not see what the session has not flushed.
    """
    return attribute.property.columns[0]


def members(session: Session, collaboration_id: int | None) -> frozenset[int]:
    """Ids of the organizations in a collaboration."""
    return facts_of(session).members(session, collaboration_id)


def collaborations_of(organization_id: int | None) -> Any:
    """A subquery: ids of the collaborations that an organization takes part in."""
    return select(Member.collaboration_id).where(Member.organization_id == organization_id)


def partners_of(organization_id: int | None) -> Any:
    """A subquery: ids of the organizations that share a collaboration with an organization."""
    return select(Member.organization_id).where(
        col(Member.collaboration_id).in_(collaborations_of(organization_id))
    )
