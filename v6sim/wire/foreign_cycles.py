"""Placeholders that lead back to what they are in: they are cut, so that each value has an end."""

from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import Kind, kind_of
from v6sim.wire.foreign import ForeignObject, content_of


def cut_cycles(value: Any, budget: Budget) -> None:
    """Cut each way on which a placeholder leads back to something that it is in.

    There a text is put in its place, as Python shows a list in itself. What contains itself
    without any placeholder stays as it is.

    Args:
        value: a value with placeholders in it.
        budget: whose time may be over.
    """
    _Cut(budget).cut(value)


class _Step:
    """A container on the way.

    Args:
        container: the container.
        before: the step that leads here; None for the first.
        place: where the container is in the one before.
    """

    __slots__ = ("container", "entries", "foreign", "spot")
    foreign: int
    """How many placeholders are on the way, this one included."""
    spot: tuple[Any, Any] | None
    """The last place on the way at which something else can be put."""

    def __init__(self, container: Any, before: "_Step | None", place: Any) -> None:
        self.container, self.entries = container, iter(_entries(container))
        self.foreign = (before.foreign if before else 0) + isinstance(container, ForeignObject)
        self.spot = before.spot_of(place) if before else None

    def spot_of(self, place: Any) -> tuple[Any, Any] | None:
        """Where something else can be put, to cut what is at a place in this container."""
        target = self.container
        if isinstance(target, ForeignObject):
            target = target.fields
        can_be_set = place is not _KEY and isinstance(target, dict | list)
        return (target, place) if can_be_set else self.spot


class _Cut:
    """Goes through a value, and cuts what leads back."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._known: set[int] = set()

    def cut(self, value: Any) -> None:
        """Cut all in a value."""
        way = [self._enter(value, None, None)]
        on_way = {id(value): way[0]}
        while way:
            here = way[-1]
            if (entry := next(here.entries, None)) is None:
                way.pop()
                del on_way[id(here.container)]
                continue
            place, child = entry
            if (begin := on_way.get(id(child))) is not None:
                _cut_at(begin, here, place)
            elif id(child) not in self._known:
                way.append(self._enter(child, here, place))
                on_way[id(child)] = way[-1]

    def _enter(self, container: Any, before: "_Step | None", place: Any) -> _Step:
        self._budget.check_time()
        self._known.add(id(container))
        return _Step(container, before, place)


def _cut_at(begin: _Step, end: _Step, place: Any) -> None:
    """Cut a way that leads from a container to itself, as near to its end as that can be done."""
    is_foreign = isinstance(begin.container, ForeignObject)
    if end.foreign == begin.foreign and not is_foreign:
        return
    if (spot := end.spot_of(place)) is not None:
        target, key = spot
        target[key] = _shown_again(begin.container)


_KEY = object()
"""The place of what is a key of a dict."""


def _entries(container: Any) -> list[tuple[Any, Any]]:
    """The containers in one, each with its place."""
    pairs: Any = ()
    if isinstance(container, ForeignObject):
        pairs = content_of(container)["fields"].items()
    elif isinstance(container, dict):
        pairs = [*container.items(), *((_KEY, key) for key in container)]
    elif isinstance(container, set | frozenset):
        pairs = ((_KEY, item) for item in container)
    elif kind_of(type(container)) is Kind.SEQUENCE:
        pairs = enumerate(container)
    elif kind_of(type(container)) is Kind.ARRAY and container.dtype.kind == "O":
        pairs = enumerate(container.ravel().tolist())
    return [(place, item) for place, item in pairs if kind_of(type(item)) is not Kind.SINGLE]


def _shown_again(value: Any) -> str:
    if isinstance(value, ForeignObject):
        return f"(the {value.type} again)"
    return f"(the {type(value).__name__} again)"
