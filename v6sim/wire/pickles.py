"""A reader of pickles made by strangers: it looks names up in a list and imports nothing.

A pickle is a program: it names globals, calls them and sets attributes on what they return. Here a
name gives either an immutable built-in type or a stand-in of ours that checks what it is handed;
any other name ends the reading. NumPy and pandas are imported only for payloads that name them.
"""

from collections.abc import Collection, Iterable
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import Kind, kind_of
from v6sim.wire.expansion import check_depth, expand
from v6sim.wire.limits import PayloadLimits, PayloadTooLarge, to_use
from v6sim.wire.pickle_machine import PickleMachine
from v6sim.wire.sealed import Part, is_no_value

_LONGEST_NAME = 100  # characters of one that messages show


class UnreadablePickle(ValueError):
    """A pickle that is damaged, or that names what the allow-list has not."""


class ForbiddenGlobal(UnreadablePickle):
    """A pickle that names something outside the allow-list.

    Args:
        module: the module as the pickle names it.
        name: what it wants from there.
    """

    def __init__(self, module: str, name: str) -> None:
        super().__init__(
            f"the pickle wants {_short(module)}.{_short(name)}, which is not on the list of "
            "harmless types; nothing of it was executed"
        )
        self.module, self.name = module, name


def read_pickle(data: bytes, limits: PayloadLimits | Budget | None = None) -> Any:
    """The value of a pickle, protocols 0 to 5, without executing anything that it brings along.

    Returns built-in containers and scalars, dates, decimals, UUIDs, NumPy arrays and scalars, and
    pandas tables whose columns are plain.

    Args:
        data: the pickle.
        limits: how large it may become, or what is left of that; None for those of what is used.

    Raises:
        ForbiddenGlobal: it names something else.
        UnreadablePickle: it is damaged, or misuses what it may name.
        PayloadTooLarge: it goes beyond the limits.
    """
    budget = limits if isinstance(limits, Budget) else Budget(limits or to_use())
    machine = PickleMachine(data, _find_global, budget)
    try:
        value = machine.load()
        if budget.limits.must_be_whole:
            _check(value, machine, budget.limits)
            if machine.has_names:
                _refuse_stand_ins(value)
        return value
    except (UnreadablePickle, PayloadTooLarge):
        raise
    except Exception as error:  # damaged pickles fail in every way there is
        raise UnreadablePickle(f"no readable pickle: {_said(error)}") from error


def _check(value: Any, machine: PickleMachine, limits: PayloadLimits) -> None:
    """Make sure that a value that is used has an end, and is not larger than it was to read."""
    if machine.has_shared or machine.placed >= limits.values:
        expand(value, limits).check(limits)
    elif machine.containers > limits.depth:
        check_depth(value, limits)


def _refuse_stand_ins(value: Any) -> None:
    """Make sure that all in a value is one: types and functions, of which some stand in, are not.

    Raises:
        UnreadablePickle: something in it is none.
    """
    known: set[int] = set()
    waiting: list[Any] = [[value]]
    while waiting:
        container = waiting.pop()
        if id(container) in known:
            continue
        known.add(id(container))
        for items in _items_in(container):
            kinds = set(map(type, items))
            if wrong := [kind for kind in kinds if is_no_value(kind)]:
                found = next(item for item in items if type(item) in wrong)
                raise UnreadablePickle(f"the pickle has {_named(found)} where a value belongs")
            if holders := {kind for kind in kinds if kind_of(kind) is not Kind.SINGLE}:
                waiting.extend(item for item in items if type(item) in holders)


def _items_in(container: Any) -> Iterable[Collection[Any]]:
    """What is in a container, so far as a pickle can put anything there."""
    match kind_of(type(container)):
        case Kind.MAPPING:
            return container.keys(), container.values()
        case Kind.SEQUENCE:
            return (container,)
        case Kind.ARRAY if container.dtype.hasobject:
            return (container.ravel().tolist(),)
        case Kind.SERIES if container.dtype.kind == "O":
            return (container.tolist(),)
        case Kind.TABLE:
            columns = (container.iloc[:, place] for place in range(container.shape[1]))
            return (column.tolist() for column in columns if column.dtype.kind == "O")
    return ()


def _named(stand_in: Any) -> str:
    """What a stand-in stands for."""
    means = getattr(stand_in, "means", None) or stand_in
    if isinstance(means, type):
        return f"the type {means.__name__}"
    return "a type of NumPy" if isinstance(stand_in, Part) else "a function or a type"


def _said(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 2 * _LONGEST_NAME else f"{text[: 2 * _LONGEST_NAME]}..."


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."


def _find_global(module: str, name: str) -> Any:
    known = _found(_canonical(module), name)
    if known is None:
        raise ForbiddenGlobal(module, name)
    return known


def _canonical(module: str) -> str:
    """The module's name as this file writes it, for names that changed over versions."""
    if module == "__builtin__":  # protocols up to 2 use Python 2's name
        return "builtins"
    if module == "numpy._core" or module.startswith("numpy._core."):  # NumPy 2's name
        return module.replace("numpy._core", "numpy.core", 1)
    return module


def _found(module: str, name: str) -> Any:
    if module == "numpy" or module.startswith("numpy."):
        from v6sim.wire.pickled_numpy import numpy_globals

        return numpy_globals().get((module, name))
    if module.startswith("pandas") or module == "functools":
        from v6sim.wire.pickled_pandas import pandas_globals

        return pandas_globals().get((module, name))
    from v6sim.wire.pickled_plain import PLAIN

    return PLAIN.get((module, name))
