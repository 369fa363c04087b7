"""What values of R are in plain Python."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_DAY = dt.date(1970, 1, 1)


@dataclass(frozen=True)
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
        found = self.attributes.get("names")
        return [str(name) for name in found.elements] if found is not None else []

    def says(self, name: str, text: str) -> bool:
        """Whether an attribute, such as `class`, holds a text."""
        found = self.attributes.get(name)
        return isinstance(found, RVector) and text in found.elements


def value_of(item: Any) -> Any:
    """The value in plain Python (see `read_r`)."""
    if not isinstance(item, RVector):
        return item if item is None or isinstance(item, str) else str(item)
    if isinstance(item.elements, bytes):
        return item.elements
    elements = [value_of(each) for each in item.elements] if item.is_list else _plain(item)
    if item.says("class", "data.frame"):
        columns = (_as_list(each, value_of(each)) for each in item.elements)
        return dict(zip(item.names, columns, strict=True))
    if "dim" in item.attributes:
        return _matrix(item, elements)
    if item.names:
        return _named(item.names, elements)
    return elements[0] if len(elements) == 1 and not item.is_list else elements


def _named(names: list[str], elements: list[Any]) -> dict[str, Any]:
    """By names; an element without one, or of the same name as another, goes by its number."""
    found: dict[str, Any] = {}
    for number, (name, element) in enumerate(zip(names, elements, strict=True), 1):
        found[name if name and name not in found else f"[{number}]"] = element
    return found


def _as_list(item: Any, value: Any) -> Any:
    """A column, which is a list also if it has one row."""
    one_row = isinstance(item, RVector) and not item.is_list and len(item.elements) == 1
    return [value] if one_row and not isinstance(value, list | dict) else value


def _plain(item: RVector) -> list[Any]:
    """The elements of a vector, by its class: labels, dates, or as they are."""
    elements = list(item.elements)
    if item.says("class", "factor"):
        labels = item.attributes["levels"].elements
        return [None if code is None else labels[code - 1] for code in elements]
    if item.says("class", "Date"):
        return [None if day is None else _DAY + dt.timedelta(days=int(day)) for day in elements]
    if item.says("class", "POSIXct"):
        return [None if at is None else dt.datetime.fromtimestamp(at, dt.UTC) for at in elements]
    return elements


def _matrix(item: RVector, elements: list[Any]) -> Any:
    """A table as a list of its rows, one dimension by its names, more as they are stored."""
    sizes = item.attributes["dim"].elements
    dimnames = item.attributes.get("dimnames")
    if len(sizes) == 1 and dimnames is not None and dimnames.elements[0] is not None:
        return _named([str(name) for name in dimnames.elements[0].elements], elements)
    if len(sizes) != 2:
        return elements
    return [elements[row :: sizes[0]] for row in range(sizes[0])]
