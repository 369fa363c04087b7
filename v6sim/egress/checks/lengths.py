"""row-length: lists and columns as long as the local data."""

from collections.abc import Iterator
from typing import Any

from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.checks.search import Search
from v6sim.egress.content import Column, Content
from v6sim.egress.local_data import LocalData, Place, comparable
from v6sim.wire.budget import Budget

_OF_A_COMPARISON = 10
"""What comparing a value with those of a column takes, in looks at a value."""

_FEWEST = 2
"""Values from which on a list may be a column."""


def row_length(
    content: Content, known: LocalData, limits: Thresholds, search: Search
) -> Iterator[Finding]:
    """Columns as long as the data; short ones only if they hold what a column of it holds."""
    said: set[str] = set()
    for column in content.columns:
        text = _found(column, known, limits, search.budget)
        if text and text not in said:
            said.add(text)
            yield Finding("row-length", text, column.where)


def _found(column: Column, known: LocalData, limits: Thresholds, budget: Budget) -> str:
    if column.length < _FEWEST or column.length not in known.lengths:
        return ""
    budget.take_values(_OF_A_COMPARISON * column.length)
    place = _same(column, known)
    if place:
        return f"{column.length} values, which are those of {place}"
    if column.length < limits.min_rows:
        return ""
    return f"{column.length} values, as many as {known.lengths[column.length]}"


def _same(column: Column, known: LocalData) -> Place | None:
    """The column of the data that has the same values, in whatever order."""
    present = [comparable(_number_of(value)) for value in column.values if value is not None]
    values = sorted(present, key=str)
    if len(values) < _FEWEST:
        return None
    return next((place for place, others in known.columns.items() if others == values), None)


def _number_of(value: Any) -> Any:
    """A number that is written as a text, as in CSV, as a number."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
