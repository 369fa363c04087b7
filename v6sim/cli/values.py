"""Arguments of algorithms as the command line gives them."""

import json
from collections.abc import Sequence
from typing import Any

from v6sim.cli.failures import Mistake


def named(texts: Sequence[str]) -> dict[str, Any]:
    """The values of `NAME=VALUE`, by name.

    Raises:
        Mistake: one has no name or no value, or two have the same name.
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise Mistake(f"--kwarg {text!r}: NAME=VALUE is expected, such as column_name=age")
        if name in values:
            raise Mistake(f"--kwarg {text!r}: there is a value for {name!r} already; give one")
        values[name] = plain(value)
    return values


def plain(text: str) -> Any:
    """A value as JSON where it is JSON, else as the text it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
