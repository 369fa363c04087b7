"""Stand-ins that a pickle can call but not change.

The reader of pickles (`v6sim.wire.pickle_machine`) calls only what has a `call_with`, and gives a
state only to what has a `set_state`. It hands its budget to each: a stand-in counts what it makes
before it makes it.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from v6sim.wire.budget import Budget


class Sealed:
    """A stand-in for a callable: a pickle can call it, and nothing else.

    A bare function would not do: a pickle may set attributes on whatever it gets hold of, a
    function's defaults and code included.

    Args:
        call: takes a budget and the arguments; it checks them.
        means: the type this stands for, where it is handed over as a value.
    """

    __slots__ = ("_call", "means")
    _call: Callable[..., Any]
    means: type | None

    def __init__(self, call: Callable[..., Any], means: type | None = None) -> None:
        object.__setattr__(self, "_call", call)
        object.__setattr__(self, "means", means)

    def __repr__(self) -> str:
        return repr(self.means) if self.means else "<function>"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name} cannot be set by a pickle")

    def call_with(self, budget: Budget, *args: Any) -> Any:
        """Return what the call makes."""
        return self._call(budget, *args)


class SealedType(type):
    """The type of stand-in classes: a pickle can make instances, but not change the class."""

    def __setattr__(cls, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name} cannot be set by a pickle")

    def call_with(cls, budget: Budget, *args: Any) -> Any:
        """Return an instance, of a class that has a way to make one of arguments."""
        maker = getattr(cls, "from_pickle", None)
        if maker is None:
            raise ValueError(f"a call of {cls.__name__}")
        return maker(budget, *args)


class Part:
    """The base of what stands for an inner part of an array or a table, and is no value itself."""

    __slots__ = ()


def is_no_value(kind: type) -> bool:
    """Return whether things of a type are stand-ins that a payload's value cannot have in it."""
    return issubclass(kind, Sealed | SealedType | Part)
