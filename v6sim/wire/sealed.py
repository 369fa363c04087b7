"""Stand-ins that a pickle can call but not change.

The reader of pickles (`v6sim.wire.pickle_machine`) calls only what has a `call_with`, and gives a
state only to what has a `set_state`. It hands its budget to each: a stand-in counts what it makes
before it makes it. A pickle never gets hold of a stand-in itself, but of a `Reference` to it.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from v6sim.wire.budget import Budget
from v6sim.wire.foreign import ForeignObject


class Unsupported(ValueError):
    """A stand-in is asked for a kind of value that it does not read; a placeholder can be shown."""


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


class Constant:
    """A value that pickles refer to by its name.

    Args:
        value: the value, of which nothing can be set.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class SealedType(type):
    """The type of stand-in classes: a pickle can make instances, but not change the class.

    An instance that has a `set_state` takes a state; what that returns, if anything, comes in its
    place. It has to get one, unless the class says that it `needs_state` not.
    """

    def __setattr__(cls, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name} cannot be set by a pickle")

    def call_with(cls, budget: Budget, *args: Any) -> Any:
        """Return an instance, of a class that has a way to make one of arguments."""
        maker = getattr(cls, "from_pickle", None)
        if maker is None:
            raise Unsupported(f"a call of {cls.__name__}")
        return maker(budget, *args)


class Reference(ForeignObject):
    """A type or function that a pickle names; as a value, it is a placeholder.

    Args:
        type: its name.
        module: its module.
        stand_in: what is called in its place; None for what is not on the allow-list.
    """

    __slots__ = ("stand_in",)
    stand_in: Any

    def __init__(self, type: str, module: str, stand_in: Any) -> None:  # noqa: A002
        super().__init__(type, module)
        object.__setattr__(self, "stand_in", stand_in)


class Part(ForeignObject):
    """The base of what stands for an inner part of an array or a table.

    As a value, it is a placeholder that shows what `describe` tells of it.
    """

    __slots__ = ("_described",)
    stands_for = ("part", "")
    """Type and module that it has as a placeholder."""

    __setattr__ = object.__setattr__  # type: ignore[assignment]

    def __init__(self) -> None:
        pass  # type and module are those of the class

    def describe(self) -> dict[str, Any]:
        """Return its fields."""
        return {}

    @property
    def _content(self) -> dict[str, Any]:  # type: ignore[override]
        try:
            found: dict[str, Any] = object.__getattribute__(self, "_described")
        except AttributeError:
            type_, module = self.stands_for
            found = {"type": type_, "module": module, "fields": self.describe()}
            object.__setattr__(self, "_described", found)
        return found
