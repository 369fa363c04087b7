"""What people give to a sandbox, checked before anything is done; each mistake is named."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from v6sim.world import World
from v6sim.world.nearest import choices

EXECUTORS = ("inline", "process", "docker")
_SHOWN = 60  # characters of a value


class WrongArgument(TypeError, ValueError):
    """An argument cannot be what it is; the text says which, its value and what is expected."""


class UnknownName(ValueError):
    """Something of that name does not exist; the text says what there is."""


def shown(value: object) -> str:
    """A value as messages show it: its kind, and what it is if that is short."""
    from v6sim.wire.printing import as_repr

    kind = type(value).__name__
    text = as_repr(value, most=_SHOWN + 1).text
    if value is None or isinstance(value, str | int | float):
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
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


def check_no_others(given: Sequence[object], what: str) -> None:
    """Make sure that nothing follows the method without a name.

    Raises:
        WrongArgument: something does.
    """
    if given:
        name = "kwargs" if isinstance(given[0], Mapping) else "args"
        raise WrongArgument(
            f"{what} takes an algorithm and a method, then only what is named: {shown(given[0])} "
            f"is probably meant to be {name}=..."
        )


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


def check_flags(**flags: object) -> None:
    """Make sure that each is True or False.

    Raises:
        WrongArgument: one is something else.
    """
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise WrongArgument(f"{name}={shown(value)}: True or False is expected")


def check_seconds(value: object, name: str = "timeout") -> float:
    """A number of seconds above 0.

    Raises:
        WrongArgument: it is something else.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise WrongArgument(f"{name}={shown(value)}: a number of seconds above 0 is expected")
    return value


def check_duration(**parts: object) -> timedelta:
    """A time to move a clock on by.

    Raises:
        WrongArgument: it would go back, or a part is no number.
    """
    for name, value in parts.items():
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise WrongArgument(f"{name}={shown(value)}: a number is expected")
    by = timedelta(**parts)  # type: ignore[arg-type]
    if by < timedelta():
        raise WrongArgument(f"the clock cannot go back by {-by}; a reset puts it back")
    return by


def check_sandbox(value: object, whom: str) -> None:
    """Make sure that it is a sandbox, or at least has what one has.

    Raises:
        WrongArgument: it is something else.
    """
    if not hasattr(value, "journal") or not hasattr(value, "run"):
        raise WrongArgument(f"{whom}: the first argument is {shown(value)}; a sandbox is expected")


def check_port(port: object) -> None:
    """Make sure that it is the number of a port.

    Raises:
        WrongArgument: it is not.
    """
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port < 2**16:
        raise WrongArgument(
            f"port={shown(port)}: a number from 0 (any free one) to 65535 is expected"
        )


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
