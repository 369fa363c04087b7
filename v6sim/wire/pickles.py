"""A reader of pickles made by strangers: it looks names up in a list and imports nothing.

A pickle is a program: it names globals, calls them and sets attributes on what they return. Here a
name gives either an immutable built-in type or a stand-in of ours that checks what it is handed;
for any other there is a placeholder (`v6sim.wire.foreign`) that shows what the pickle holds. NumPy
and pandas are imported only for payloads that name them.
"""

from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.expansion import check_depth, expand
from v6sim.wire.foreign_cycles import cut_cycles
from v6sim.wire.limits import PayloadLimits, PayloadTooLarge, to_use
from v6sim.wire.pickle_machine import PickleMachine

_LONGEST_NAME = 100  # characters of one that messages show


class UnreadablePickle(ValueError):
    """A pickle that is damaged, or that refers to something outside it."""


def read_pickle(data: bytes, limits: PayloadLimits | Budget | None = None) -> Any:
    """The value of a pickle, protocols 0 to 5, without executing anything that it brings along.

    Returns built-in containers and scalars, dates, numbers, UUIDs, paths, and what NumPy and pandas
    have of arrays, scalars and tables; a `ForeignObject` for everything else.

    Args:
        data: the pickle.
        limits: how large it may become, or what is left of that; None for those of what is used.

    Raises:
        UnreadablePickle: it is damaged, or misuses what it may name.
        PayloadTooLarge: it goes beyond the limits.
    """
    budget = limits if isinstance(limits, Budget) else Budget(limits or to_use())
    machine = PickleMachine(data, _find_global, budget)
    try:
        value = machine.load()
        if machine.has_foreign and machine.has_shared:
            _cut(value, budget)
        if budget.limits.must_be_whole:
            _check(value, machine, budget.limits)
        return value
    except (UnreadablePickle, PayloadTooLarge):
        raise
    except Exception as error:  # damaged pickles fail in every way there is
        raise UnreadablePickle(f"no readable pickle: {_said(error)}") from error


def _cut(value: Any, budget: Budget) -> None:
    try:
        cut_cycles(value, budget)
    except PayloadTooLarge as error:
        error.partial = [value]
        raise


def _check(value: Any, machine: PickleMachine, limits: PayloadLimits) -> None:
    """Make sure that a value that is used has an end, and is not larger than it was to read."""
    if machine.has_shared or machine.placed >= limits.values:
        expand(value, limits).check(limits)
    elif machine.containers > limits.depth:
        check_depth(value, limits)


def _said(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 2 * _LONGEST_NAME else f"{text[: 2 * _LONGEST_NAME]}..."


def _find_global(module: str, name: str) -> Any:
    """The stand-in for a name; None for what is not on the allow-list."""
    return _found(_canonical(module), name)


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
