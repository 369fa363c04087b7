"""What algorithms import of vantage6, where no genuine library is installed.

A finder at the end of the import path makes these modules when they are asked for, so that whatever
is really there comes first. Same contract, own code: what needs more than an algorithm's process
has, such as a user's client, can be imported and named, and says at its first use what to install.
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP035, UP045

import re
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, Mapping, NoReturn, Optional

from . import contents

ORIGIN = "v6sim"
"""What the specification of a module that stands in says of its origin."""

_HAS_GETATTR = (3, 7)
"""The Python from which on modules may have a `__getattr__`."""


def provide(mocks: Optional[Callable[[], Mapping[str, Any]]] = None) -> None:
    """Have `import vantage6` find stand-ins for what is not installed.

    Args:
        mocks: gives what stands in for `vantage6.tools.mock_client`; None: there is nothing here.
    """
    finder = _finder()
    if finder is None:
        sys.meta_path.append(_Finder(mocks))
    elif mocks is not None:
        finder.take(mocks)


def find(name: str) -> Optional[ModuleSpec]:
    """Where a module that stands in comes from; None if none of that name does."""
    finder = _finder()
    return None if finder is None else finder.find_spec(name)


def _finder() -> "Optional[_Finder]":
    return next((finder for finder in sys.meta_path if isinstance(finder, _Finder)), None)


def is_stand_in(spec: Optional[ModuleSpec]) -> bool:
    """Whether a specification is that of a stand-in."""
    return spec is not None and spec.origin == ORIGIN


def advice(problem: BaseException) -> str:
    """What to do about an import that no stand-in serves; empty if it is about something else."""
    name = getattr(problem, "name", None) or ""
    if not isinstance(problem, ImportError) or name.partition(".")[0] != "vantage6":
        return ""
    if not is_stand_in(getattr(sys.modules.get("vantage6"), "__spec__", None)):
        return ""
    lacking = _LACKING.match(str(problem))  # what is lacking in a module, which is `name`
    return contents.about(f"{name}.{lacking.group(1)}" if lacking else name)


_LACKING = re.compile(r"cannot import name '(\w+)'")


class _Finder(Loader):
    """Finds the stand-ins, and makes them."""

    def __init__(self, mocks: Optional[Callable[[], Mapping[str, Any]]]) -> None:
        self._mocks: Callable[[], Mapping[str, Any]] = mocks or dict

    def take(self, mocks: Callable[[], Mapping[str, Any]]) -> None:
        """Have something stand in for `vantage6.tools.mock_client`."""
        self._mocks = mocks

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """Where a module comes from, as the import system asks it."""
        del path, target
        if name not in contents.OF_MODULES:
            return None
        return ModuleSpec(name, self, origin=ORIGIN, is_package=True)

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        """Have the import system make it."""
        del spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        name = module.__name__
        module.__doc__ = "Stand-in of v6sim for the library of this name."
        vars(module).update(contents.OF_MODULES[name]())
        if name == "vantage6.tools.mock_client":
            vars(module).update(self._mocks())
        if sys.version_info >= _HAS_GETATTR:
            vars(module)["__getattr__"] = _refusing(name)


def _refusing(module: str) -> Callable[[str], NoReturn]:
    """What a stand-in says when it is asked for what it has not."""

    def refuse(name: str) -> NoReturn:
        problem = f"module {module!r} has no attribute {name!r}"
        if not name.startswith("_"):  # which Python asks modules for
            problem += ": " + contents.about(f"{module}.{name}")
        raise AttributeError(problem)

    return refuse
