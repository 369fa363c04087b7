"""What people give to a sandbox, checked before anything is done; each mistake is named."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias, TypeGuard

from v6sim.wire.payload import serialize
from v6sim.world import World
from v6sim.world.nearest import choices

AlgorithmLike: TypeAlias = str | Path | ModuleType
"""An image name, the folder or file of a package, or a module."""

EXECUTORS = ("inline", "process", "docker")
_PREFIX = "RPC_"
_SHOWN = 60  # characters of a value


class WrongArgument(TypeError, ValueError):
    """An argument cannot be what it is; the text says which, its value and what is expected."""


class UnknownName(ValueError):
    """Something of that name does not exist; the text says what there is."""


def shown(value: object) -> str:
    """A value as messages show it: its kind, and what it is if that is short."""
    kind = type(value).__name__
    if isinstance(value, str | int | float | bool | None.__class__):
        text = repr(value)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    text = repr(value)
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    short = len(text) <= _SHOWN and "\n" not in text and " at 0x" not in text
    return f"{article} {kind} ({text})" if short else f"{article} {kind}"


def check_options(given: Collection[str], known: Collection[str], what: str) -> None:
    """Make sure that all keyword arguments exist.

    Raises:
        WrongArgument: one does not.
    """
    for name in given:
        if name not in known:
            raise WrongArgument(f"{what} takes no {name}=; {choices(name, known)}")


def check_world(world: object, what: str = "world") -> World | str | Path:
    """A world, or what names one.

    Raises:
        WrongArgument: it is something else.
    """
    if isinstance(world, World | str | Path):
        return world
    hint = ""
    if isinstance(world, Mapping):
        hint = "; make it a world with World.of(...)"
    elif type(world).__name__ == "DataFrame" or isinstance(world, Sequence):
        hint = "; tables go to sandbox_factory(data=...)"
    raise WrongArgument(
        f"{what} is {shown(world)}: a World, the path of a world file, or the name of a built-in "
        f"world is expected{hint}"
    )


def check_executor(name: object, what: str = "executor") -> None:
    """Make sure that it is the name of an executor, or None.

    Raises:
        WrongArgument: it is not.
    """
    if name is not None and name not in EXECUTORS:
        raise WrongArgument(f"there is no {what} {shown(name)}; {choices(str(name), EXECUTORS)}")


def check_text(value: object, name: str, expected: str) -> str:
    """A text that is not empty.

    Raises:
        WrongArgument: it is something else.
    """
    if isinstance(value, str) and value.strip():
        return value
    raise WrongArgument(f"{name}={shown(value)}: {expected} is expected")


def check_seconds(value: object, name: str = "timeout") -> float:
    """A number of seconds above 0.

    Raises:
        WrongArgument: it is something else.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise WrongArgument(f"{name}={shown(value)}: a number of seconds above 0 is expected")
    return value


def check_algorithm(algorithm: object) -> AlgorithmLike:
    """Something that may name an algorithm.

    Raises:
        WrongArgument: it is something else.
    """
    if isinstance(algorithm, str | Path | ModuleType) and str(algorithm).strip():
        return algorithm
    hint = "; give the module that a function is in" if callable(algorithm) else ""
    raise WrongArgument(
        f"algorithm={shown(algorithm)}: an image name, the folder or file of a package, or a "
        f"module is expected{hint}"
    )


def check_method(method: object) -> str:
    """The name of a method, without the prefix of partials.

    Raises:
        WrongArgument: it is something else.
    """
    if isinstance(method, str) and method.startswith(_PREFIX):
        plain = method.removeprefix(_PREFIX)
        raise WrongArgument(
            f"method={method!r}: {_PREFIX} is put before the name of a partial by itself; "
            f"say {plain!r}"
        )
    if callable(method):
        name = getattr(method, "__name__", "master").removeprefix(_PREFIX)
        raise WrongArgument(
            f"method={shown(method)}: its name is expected, not the function; say {name!r}"
        )
    return check_text(method, "method", "the name of a function, such as 'master',")


def check_organizations(organizations: object) -> Sequence[str | int] | None:
    """Names or ids of organizations; None where it goes without saying.

    Raises:
        WrongArgument: it is something else.
    """
    if organizations is None:
        return None
    if isinstance(organizations, str | int):
        raise WrongArgument(
            f"organizations={organizations!r}: a list is expected; say [{organizations!r}]"
        )
    if not isinstance(organizations, Sequence | set | frozenset | dict) or not organizations:
        raise WrongArgument(
            f"organizations={shown(organizations)}: a list of names or ids, at least one, is "
            "expected; leave it out for the usual ones"
        )
    for each in organizations:
        if not isinstance(each, str | int) or isinstance(each, bool):
            raise WrongArgument(
                f"organizations: {shown(each)} is neither the name nor the id of an organization"
            )
    return list(organizations)


def check_input(args: object, kwargs: object) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of an algorithm, which are to travel.

    Raises:
        WrongArgument: they are none, or cannot be sent; it says which.
    """
    if not isinstance(args, Sequence) or isinstance(args, str | bytes):
        raise WrongArgument(f"args={shown(args)}: a list of values is expected; say [...]")
    if kwargs is None:
        kwargs = {}
    if not isinstance(kwargs, Mapping):
        raise WrongArgument(
            f"kwargs={shown(kwargs)}: a dict of values by name is expected, such as "
            "{'column_name': 'age'}"
        )
    for name in kwargs:
        if not isinstance(name, str):
            raise WrongArgument(f"kwargs: the name {shown(name)} is no text")
    for place, value in [
        *((f"args[{number}]", value) for number, value in enumerate(args)),
        *((f"kwargs[{name!r}]", value) for name, value in kwargs.items()),
    ]:
        _check_can_travel(place, value)
    return list(args), dict(kwargs)


def _check_can_travel(place: str, value: object) -> None:
    if _is_plain(value):
        return
    try:
        serialize(value)
    except Exception as error:
        raise WrongArgument(
            f"{place} is {shown(value)}, which cannot be sent ({error}); give plain values: "
            "numbers, texts, lists, dicts, tables"
        ) from None


def _is_plain(value: object) -> TypeGuard[str | int | float | bool | None]:
    return value is None or type(value) in (str, int, float, bool)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def check_request(method: object, path: object) -> None:
    """Make sure that these are a method of HTTP and a path of the API.

    Raises:
        WrongArgument: one is not.
    """
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise WrongArgument(f"there is no method {shown(method)}; {choices(str(method), METHODS)}")
    if not isinstance(path, str) or not path.startswith("/"):
        said = f"say '/{path}'" if isinstance(path, str) else "such as '/task/1'"
        raise WrongArgument(f"path={shown(path)}: a path from the root on is expected; {said}")
