"""Filters of lists, each named as its query parameter (reference: server-api, section 3)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from sqlalchemy import Boolean, Integer, String, cast, false, or_
from sqlmodel import col

from v6sim.server.errors import Invalid
from v6sim.server.store.find import whole

_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)

_MOST = 500  # values of one filter
_LONGEST = 1000  # characters of one value: SQLite takes no pattern of more than 50,000
_ESCAPE = "\x1f"  # a character that nobody types

Filter = Callable[[Any, list[str]], Any]
"""Narrows a statement by the values given for its parameter."""


def apply(statement: Any, request: Request, filters: Mapping[str, Filter]) -> Any:
    """Narrow a statement by those filters for which the request has a value.

    Raises:
        Invalid: there are too many values of a filter, or one is too long.
    """
    for name, narrow in filters.items():
        if values := request.query_params.getlist(name):
            if len(values) > _MOST:
                raise Invalid(
                    f"{name!r} is given {len(values)} times: at most {_MOST} are possible"
                )
            if (length := max(map(len, values))) > _LONGEST:
                raise Invalid(
                    f"{name!r} has {length:,} characters: at most {_LONGEST:,} are possible"
                )
            statement = narrow(statement, values)
    return statement


def equal(column: Any) -> Filter:
    """The column has that value."""
    return lambda statement, values: statement.where(_equals(column, values[0]))


def among(column: Any) -> Filter:
    """The column has one of the values."""
    return lambda statement, values: statement.where(or_(*(_equals(column, v) for v in values)))


def like(column: Any) -> Filter:
    """The column fits that pattern, with the wildcards `%` and `_`."""
    return lambda statement, values: statement.where(_fits(column, values[0]))


def like_any(column: Any) -> Filter:
    """The column fits one of the patterns."""
    return lambda statement, values: statement.where(or_(*(_fits(column, v) for v in values)))


def since(column: Any) -> Filter:
    """The column's time is not before that."""
    return lambda statement, values: statement.where(_moment(column, values[0], "__ge__"))


def until(column: Any) -> Filter:
    """The column's time is not after that."""
    return lambda statement, values: statement.where(_moment(column, values[0], "__le__"))


def within(column: Any, subquery: Callable[[Any], Any]) -> Filter:
    """The column is among what `subquery` selects for that id."""

    def narrow(statement: Any, values: list[str]) -> Any:
        key = whole(values[0])
        return statement.where(false() if key is None else col(column).in_(subquery(key)))

    return narrow


def _fits(column: Any, pattern: str) -> Any:
    """Upper and lower case are the same, as in SQLite; nothing but % and _ is special."""
    return column.ilike(pattern.replace(_ESCAPE, _ESCAPE * 2), escape=_ESCAPE)


def _equals(column: Any, value: str) -> Any:
    if isinstance(column.type, Integer | Boolean):
        number = whole(value)
        if number is None or (isinstance(column.type, Boolean) and number not in (0, 1)):
            return false()
        return column == (bool(number) if isinstance(column.type, Boolean) else number)
    return column == value


def _moment(column: Any, value: str, comparison: str) -> Any:
    """Times are compared as texts, as upstream; each comes after whatever is a number."""
    if _NUMBER.fullmatch(value):
        return column.is_not(None) if comparison == "__ge__" else false()
    return getattr(cast(column, String), comparison)(value)
