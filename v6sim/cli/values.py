"""Arguments of algorithms as the command line gives them."""

import json
from collections.abc import Sequence
from typing import Any

from v6sim.cli.failures import Mistake

_OPTIONS = {"method": "--method", "master": "--master", "args": "--arg", "kwargs": "--kwarg"}
"""What gives those parts of an input that each input has."""


def more_of_input(texts: Sequence[str]) -> dict[str, Any]:
    """What an input has besides a method and its arguments, by name.

    Args:
        texts: as `NAME=VALUE`.

    Raises:
        Mistake: as for `named`, or one has an option of its own.
    """
    values = named(texts, "--input", "query='SELECT * FROM patients'")
    for name in values:
        if name in _OPTIONS:
            raise Mistake(f"--input {name}=...: {_OPTIONS[name]} says that")
    return values


def named(
    texts: Sequence[str], option: str = "--kwarg", example: str = "column_name=age"
) -> dict[str, Any]:
    """The values of `NAME=VALUE`, by name.

    Args:
        texts: as the user wrote them.
        option: where, for the message.
        example: of one, for the message.

    Raises:
        Mistake: one has no name or no value, or two have the same name.
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise Mistake(f"{option} {text!r}: NAME=VALUE is expected, such as {example}")
        if name in values:
            raise Mistake(f"{option} {text!r}: there is a value for {name!r} already; give one")
        values[name] = plain(value)
    return values


def plain(text: str) -> Any:
    """A value as JSON where it is JSON, else as the text it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
