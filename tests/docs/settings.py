"""The page of settings, made from their models."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tests.docs.markdown import table
from v6sim.server.settings import Settings
from v6sim.wire.sizes import format_size, parse_size

INTRODUCTION = """# Settings

Settings of the server stand under `settings` of a [world file](worlds.md), or in the environment:
`V6SIM_` and the name in capitals, `__` before the name of a part
(`V6SIM_PASSWORD_POLICY__MAX_FAILED_ATTEMPTS=3`). What the file says goes first. Keys that vantage6
3.7 has are called as there; others that a genuine configuration may have are ignored, but what
looks like a misspelt key of these is an error of the world file.
"""
_BOUNDS = {"ge": "{} or more", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}


def page() -> str:
    """The page."""
    lines = table(("setting", "default", "what it does"), _rows(Settings))
    return "\n".join([INTRODUCTION, *lines]).rstrip() + "\n"


def _rows(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from _rows(type(field.default), f"{prefix}{name}.")
        else:
            yield f"`{prefix}{name}`", _default(field), _about(field)


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "made up at each start"
    default: Any = field.default
    if any(getattr(mark, "func", None) is parse_size for mark in field.metadata) and default:
        return f"`{format_size(default)}`"
    if isinstance(default, list | dict) and not default:
        return "empty"
    return f"`{json.dumps(default)}`"


def _about(field: FieldInfo) -> str:
    """What a setting does, and what it may be."""
    bounds = [
        text.format(getattr(mark, kind))
        for mark in field.metadata
        for kind, text in _BOUNDS.items()
        if hasattr(mark, kind)
    ]
    about = str(field.description)
    return f"{about.rstrip('.')} ({', '.join(bounds)})." if bounds else about
