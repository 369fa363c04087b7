"""Stand-ins that a pickle can call but not change."""

from collections.abc import Callable
from typing import Any, NoReturn


class Sealed:
    """What a pickle gets where it names a callable: it can be called, and nothing else.

    A bare function would not do: a pickle may set attributes on whatever it gets hold of, a
    function's defaults and code included.

    Args:
        call: what calling does; it checks its arguments.
        means: the type this stands for, where it is handed over as a value.
    """

    __slots__ = ("_call", "means")
    _call: Callable[..., Any]
    means: type | None

    def __init__(self, call: Callable[..., Any], means: type | None = None) -> None:
        object.__setattr__(self, "_call", call)
        object.__setattr__(self, "means", means)

    def __call__(self, *args: Any) -> Any:
        """Do what was given, with what the pickle hands over."""
        return self._call(*args)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name} cannot be set by a pickle")


class SealedType(type):
    """The type of stand-in classes: a pickle can make instances, but not change the class."""

    def __setattr__(cls, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name} cannot be set by a pickle")
