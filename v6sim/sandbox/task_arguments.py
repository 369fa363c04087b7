"""What people give to run an algorithm, checked before anything is done; each mistake is named."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from v6sim.sandbox.arguments import WrongArgument, check_text, shown
from v6sim.wire.payload import serialize

AlgorithmLike: TypeAlias = str | Path | ModuleType
"""An image name, the folder or file of a package, or a module."""

STARTING = ("command", "module", "env")
"""Keyword arguments about how runs begin."""

_HAS_ARGUMENT = ("method", "master", "args", "kwargs")
"""What each input has."""

_PREFIX = "RPC_"


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


def check_start(command: object, module: object, env: object) -> dict[str, Any]:
    """How runs begin: those fields of an algorithm that are given.

    Raises:
        WrongArgument: one cannot be what it is.
    """
    given: dict[str, Any] = {}
    if command is not None:
        given["command"] = _check_command(command)
    if module is not None:
        given["module"] = check_text(module, "module", "the name of a module")
    if env is not None:
        if not isinstance(env, Mapping) or not all(
            isinstance(each, str) for pair in env.items() for each in pair
        ):
            raise WrongArgument(
                f"env={shown(env)}: a dict of texts by name is expected, such as {{'LIMIT': '10'}}"
            )
        given["env"] = dict(env)
    return given


def _check_command(command: object) -> list[str]:
    try:
        words = shlex.split(command) if isinstance(command, str) else command
    except ValueError as error:
        raise WrongArgument(
            f"command={shown(command)}: its quotes do not close ({error})"
        ) from None
    if (
        not isinstance(words, Sequence)
        or not words
        or not all(isinstance(word, str) for word in words)
    ):
        raise WrongArgument(
            f"command={shown(command)}: a program with its arguments is expected, as a text or a "
            "list of texts"
        )
    return list(words)


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
            f"organizations={shown(organizations)}: a list is expected; say "
            f"[{shown(organizations)}]"
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


def check_more_input(input_: object) -> dict[str, Any]:
    """What an input has besides a method and its arguments, which is to travel.

    Raises:
        WrongArgument: it is something else, or cannot be sent; it says which.
    """
    if input_ is None:
        return {}
    if not isinstance(input_, Mapping) or not all(isinstance(name, str) for name in input_):
        raise WrongArgument(
            f"input_={shown(input_)}: a dict of values by name is expected, such as "
            "{'sheet_name': 'Patients'}"
        )
    for name, value in input_.items():
        if name in _HAS_ARGUMENT:
            raise WrongArgument(f"input_[{name!r}]: say it by {name}=..., which each input has")
        _check_can_travel(f"input_[{name!r}]", value)
    return dict(input_)


def _check_can_travel(place: str, value: object) -> None:
    if value is None or type(value) in (str, int, float, bool):
        return
    try:
        serialize(value)
    except Exception as error:
        raise WrongArgument(
            f"{place} is {shown(value)}, which cannot be sent ({error}); give plain values: "
            "numbers, texts, lists, dicts, tables"
        ) from None
