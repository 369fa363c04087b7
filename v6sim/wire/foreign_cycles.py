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


class _Cut:
    """Goes through a value, and cuts what leads back."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._known: set[int] = set()

    def cut(self, value: Any) -> None:
        path: list[tuple[Any, Any]] = [(value, iter(_entries(value)))]
        """The containers that lead here, each with what is still to be looked at in it."""
        entered: list[Any] = []
        """The places in the containers by which the way leads."""
        on_path = {id(value): 0}
        self._known.add(id(value))
        while path:
            container, entries = path[-1]
            entry = next(entries, None)
            if entry is None:
                path.pop()
                del on_path[id(container)]
                if entered:
                    entered.pop()
                continue
            place, child = entry
            if (begin := on_path.get(id(child))) is not None:
                _cut_at(path[begin:], [*entered[begin:], place], child)
            elif id(child) not in self._known:
                self._budget.check_time()
                self._known.add(id(child))
                on_path[id(child)] = len(path)
                entered.append(place)
                path.append((child, iter(_entries(child))))


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


def _cut_at(path: list[tuple[Any, Any]], places: list[Any], again: Any) -> None:
    """Cut a way that leads from a container to itself, as near to its end as that can be done."""
    containers = [container for container, _ in path]
    if not any(isinstance(each, ForeignObject) for each in containers):
        return
    for container, place in zip(reversed(containers), reversed(places), strict=True):
        target = container.fields if isinstance(container, ForeignObject) else container
        if place is not _KEY and isinstance(target, dict | list):
            target[place] = _shown_again(again)
            return


def _shown_again(value: Any) -> str:
    if isinstance(value, ForeignObject):
        return f"(the {value.type} again)"
    return f"(the {type(value).__name__} again)"
