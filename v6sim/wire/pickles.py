"""A reader of pickles made by strangers: it looks names up in a list and imports nothing.

A pickle is a program: it names globals, calls them and sets attributes on what they return. Here a
name gives either an immutable built-in type or a stand-in of ours that checks what it is handed;
any other name ends the reading. NumPy and pandas are imported only for payloads that name them.
"""

import io
import pickle
from typing import Any, NoReturn


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
            f"the pickle wants {module}.{name}, which is not on the list of harmless types; "
            "nothing of it was executed"
        )
        self.module, self.name = module, name


def read_pickle(data: bytes) -> Any:
    """The value of a pickle, protocols 0 to 5, without executing anything that it brings along.

    Returns built-in containers and scalars, dates, decimals, UUIDs, NumPy arrays and scalars, and
    pandas tables whose columns are plain.

    Raises:
        ForbiddenGlobal: it names something else.
        UnreadablePickle: it is damaged, or misuses what it may name.
    """
    try:
        return _Reader(io.BytesIO(data)).load()
    except UnreadablePickle:
        raise
    except Exception as error:  # damaged pickles fail in every way there is
        raise UnreadablePickle(f"no readable pickle: {error}") from error


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        known = _found(_canonical(module), name)
        if known is None:
            raise ForbiddenGlobal(module, name)
        return known

    def persistent_load(self, pid: Any) -> NoReturn:
        raise UnreadablePickle(f"the pickle refers to something outside it: {pid!r}")


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
