"""pydantic's errors in words for people who write worlds, not programs."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from v6sim.world.errors import Place
from v6sim.world.nearest import choices
from v6sim.world.part import OURS, Part
from v6sim.world.secrets import is_secret_name, without_secrets

_SHOWN = 60
_OF_MORE = {"model_type", "list_type", "dict_type"}


def explain(error: ValidationError, world: type[Part]) -> list[tuple[Place, str]]:
    """What a validation of a world found: places, and what is wrong there."""
    return [(_place(each), _text(each, world)) for each in error.errors(include_url=False)]


def _place(error: ErrorDetails) -> Place:
    return tuple(step for step in error["loc"] if step != "[key]")


def _text(error: ErrorDetails, world: type[Part]) -> str:  # one line a kind of error
    place, value = _place(error), error["input"]
    kind = error["type"]
    if kind == OURS:
        return error["msg"]
    if kind == "missing":
        return f"is missing; expected: {_description(world, place)}"
    if kind == "extra_forbidden":
        return _unknown(str(place[-1]), _part_at(world, place[:-1]) or world)
    if kind == "literal_error":
        return f"{_show(value)} is not possible; {_choices(world, place, value)}"
    if kind in ("model_type", "model_attributes_type"):
        part = _part_at(world, place) or world
        fields = ", ".join(part.model_fields)
        return f"expected {_noun(part)}, with its fields ({fields}), not {_show_begin(value)}"
    return in_words(error)


def in_words(error: ErrorDetails) -> str:
    """What was expected in the place of a value, whatever that is a value of."""
    kind, value = error["type"], error["input"]
    is_secret = bool(error["loc"]) and is_secret_name(str(error["loc"][-1]))
    show = _show_kind if is_secret else _show_begin if kind in _OF_MORE else _show
    shown = show(value)
    expected = _EXPECTED.get(kind)
    if expected is None:
        said = error["ctx"]["error"] if kind == "value_error" else error["msg"]
        return f"{said}, not {shown}"
    expected = expected.format(**error.get("ctx", {}))
    return f"expected {expected}, not {shown}{_quotes(kind, value)}"


_EXPECTED = {
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of {ge} or more",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than_equal": "a number of {le} or less",
    "model_type": "names with their values",
    "string_type": "a text",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "names with their values",
    "invalid_key": "a text as the name of a field",
}


def _unknown(name: str, part: type[Part]) -> str:
    return f"{name!r} is no field of {_noun(part)}; {choices(name, part.model_fields)}"


def _noun(part: type[Part]) -> str:
    noun = str(part.model_config["title"])
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def _show(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, Mapping):
        return "a mapping of names to values" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = without_secrets(repr(value))
    if not isinstance(value, str) and ("\n" in text or " at 0x" in text):
        return f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _show_begin(value: object) -> str:
    """Return a text's first word: what is expected to have parts may hold secrets unseparated."""
    if not isinstance(value, str) or re.fullmatch(r"[\w./-]*", value):
        return _show(value)
    word = re.match(r"[\w-]*", value)
    return f"a text that begins with {word[0]!r}" if word and word[0] else _show_kind(value)


def _show_kind(value: object) -> str:
    """Return what kind of value a secret is, without the secret."""
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    return "a number" if isinstance(value, int | float) else _show(value)


def _quotes(kind: str, value: object) -> str:
    return "; put it in quotes" if kind == "string_type" and isinstance(value, bool | float) else ""


def _choices(world: type[Part], place: Place, value: object) -> str:
    """The words that a field of few words can have."""
    part = _part_at(world, place[:-1]) or world
    words = field_words(part.model_fields[str(place[-1])].annotation)
    return choices(str(value), words)


def field_words(annotation: Any) -> list[str]:
    """The words that a field of this annotation can have, if it can only have a few."""
    found: list[str] = []
    for argument in get_args(annotation):
        found += [argument] if isinstance(argument, str) else field_words(argument)
    return found


def _description(world: type[Part], place: Place) -> str:
    """What the field at a place is for, in short."""
    part = _part_at(world, place[:-1]) or world
    description = part.model_fields[str(place[-1])].description or "a value"
    first = description.split(";")[0].rstrip(".")
    return first[0].lower() + first[1:]


def _part_at(world: type[Part], place: Place) -> type[Part] | None:
    """The kind of part that stands at a place."""
    part: type[Part] = world
    for step in place:
        if isinstance(step, str) and step in part.model_fields:
            found = _part_in(part.model_fields[step].annotation)
            if found is None:
                return None
            part = found
    return part


def _part_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for each in get_args(annotation) if (found := _part_in(each))), None)
