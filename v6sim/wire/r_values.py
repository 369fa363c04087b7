"""What values of R are in plain Python."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.limits import PayloadTooLarge

_DAY = dt.date(1970, 1, 1)
_MOST_DIMENSIONS = 100
_DATE, _ROW, _SLOT = 48, 64, 8
"""Bytes that Python takes for a date, for a row of a table, and for an element of it."""


@dataclass(frozen=True, slots=True)
class RVector:
    """A vector or list of R, before it is made plain.

    Args:
        elements: what is in it; None stands for NA.
        attributes: what R says about it, by name.
        is_list: whether its elements are values themselves.
    """

    elements: Sequence[Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    is_list: bool = False

    @property
    def names(self) -> list[str]:
        """The names of its elements; empty if it has none."""
        return [str(name) for name in self.singles("names")]

    def singles(self, name: str) -> list[Any]:
        """The single values in an attribute; empty if it has not that attribute."""
        found = self.attributes.get(name)
        if not isinstance(found, RVector):
            return []
        if not all(element is None or isinstance(element, _PLAIN) for element in found.elements):
            raise ValueError(f"{name} that are no texts")
        return list(found.elements)

    def says(self, name: str, text: str) -> bool:
        """Whether an attribute, such as `class`, holds a text."""
        found = self.attributes.get(name)
        return isinstance(found, RVector) and text in found.elements


_PLAIN = (str, int, float)


def value_of(item: Any, budget: Budget) -> Any:
    """The value in plain Python (see `read_r`).

    Args:
        item: what was read.
        budget: counts what is made beyond what was read.
    """
    if not isinstance(item, RVector):
        return item if item is None or isinstance(item, str) else str(item)
    if isinstance(item.elements, bytes):
        return item.elements
    is_frame = item.is_list and item.says("class", "data.frame")
    elements = _of_list(item, budget, is_frame=is_frame) if item.is_list else _plain(item, budget)
    if is_frame:
        return _named(item.names, elements)
    if "dim" in item.attributes:
        return _matrix(item, elements, budget)
    if names := item.names:
        return _named(names, elements)
    return elements[0] if len(elements) == 1 and not item.is_list else elements


def _of_list(item: RVector, budget: Budget, *, is_frame: bool) -> list[Any]:
    found = []
    for each in item.elements:
        value = value_of(each, budget)
        found.append(_as_list(each, value) if is_frame else value)
    return found


def _named(names: list[str], elements: list[Any]) -> dict[str, Any]:
    """By names; an element without one, or of the same name as another, goes by its number."""
    found: dict[str, Any] = {}
    for number, (name, element) in enumerate(zip(names, elements, strict=True), 1):
        if not name or name in found:
            name = f"[{number}]"  # noqa: PLW2901 - from here on this is its name
        while name in found:
            name = f"[{name}]"  # noqa: PLW2901
        found[name] = element
    return found


def _as_list(item: Any, value: Any) -> Any:
    """A column, which is a list also if it has one row."""
    one_row = isinstance(item, RVector) and not item.is_list and len(item.elements) == 1
    return [value] if one_row and not isinstance(value, list | dict) else value


def _plain(item: RVector, budget: Budget) -> list[Any]:
    """The elements of a vector, by its class: labels, dates, or as they are."""
    budget.take_bytes(_DATE * len(item.elements) if item.attributes else 0)
    elements = list(item.elements)
    if any(isinstance(element, RVector) for element in elements):
        raise ValueError("a vector of vectors")
    if item.says("class", "factor"):
        return _labels(item, elements)
    if item.says("class", "Date"):
        return [None if day is None else _DAY + dt.timedelta(days=int(day)) for day in elements]
    if item.says("class", "POSIXct"):
        return [None if at is None else dt.datetime.fromtimestamp(at, dt.UTC) for at in elements]
    return elements


def _labels(item: RVector, codes: list[Any]) -> list[Any]:
    """The labels of a factor; a code that is none of them is refused."""
    labels = item.singles("levels")
    for code in codes:
        if code is not None and not 0 < code <= len(labels):
            raise ValueError(f"a factor with the code {code} and {len(labels)} levels")
    return [None if code is None else labels[code - 1] for code in codes]


def _matrix(item: RVector, elements: list[Any], budget: Budget) -> Any:
    """A table as a list of its rows, one dimension by its names, more as they are stored."""
    sizes = _sizes(item, len(elements))
    dimnames = item.attributes.get("dimnames")
    if (
        len(sizes) == 1
        and isinstance(dimnames, RVector)
        and isinstance(dimnames.elements[0], RVector)
    ):
        return _named(RVector((), {"names": dimnames.elements[0]}).names, elements)
    if len(sizes) != 2:
        return elements
    rows: list[Any] = []
    budget.foresee_values(sizes[0])
    try:
        for row in range(sizes[0]):
            budget.take_values()
            budget.take_bytes(_ROW + _SLOT * sizes[1])
            rows.append(elements[row :: sizes[0]])
    except PayloadTooLarge as error:
        error.partial = [RVector(rows, is_list=False)]
        raise
    return rows


def _sizes(item: RVector, count: int) -> list[int]:
    """The dimensions of an array, which have to be those of so many elements."""
    found = item.attributes["dim"]
    sizes = found.elements if isinstance(found, RVector) else ()
    if not all(isinstance(size, int | float) and size >= 0 for size in sizes):
        raise ValueError("dimensions that are no numbers")
    whole = [int(size) for size in sizes]
    if math.prod(whole[:_MOST_DIMENSIONS]) != count or len(whole) > _MOST_DIMENSIONS:
        raise ValueError(f"an array of {count} elements with other dimensions")
    return whole
