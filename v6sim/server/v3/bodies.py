"""Reading the bodies of requests, in the two ways of the original (reference: server-api, 1.4)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request

from v6sim.server.errors import BadBody, Invalid, InvalidField

Schema = dict[str, Any]


async def read_json(request: Request) -> Any:
    """The JSON value of a body; None where the body is not said to be JSON.

    Raises:
        BadBody: it cannot be read.
    """
    if not _is_json(request):
        return None
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise BadBody(f"the body is not valid JSON: {error}") from None


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


async def read_raw(request: Request, *, or_list: bool = False) -> Mapping[str, Any]:
    """A body whose fields are taken as they come.

    Args:
        request: the request.
        or_list: take a list for an object without fields, as some of the original's routes do.

    Raises:
        Invalid: it is no JSON object.
    """
    body = await read_json(request)
    if isinstance(body, list) and or_list:
        return {}
    if not isinstance(body, dict):
        raise Invalid("a JSON object is needed as the body, with `Content-Type: application/json`")
    return body


async def _read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a body that is a web form."""
    if "x-www-form-urlencoded" not in request.headers.get("content-type", ""):
        return {}
    return parse_qs((await request.body()).decode(errors="replace"))


@dataclass(frozen=True)
class Field:
    """One field of a form; `convert` makes its value from what was sent."""

    name: str
    convert: Callable[[Any], Any]
    schema: Schema
    required: bool
    is_list: bool = False

    def read(self, body: Any, others: Mapping[str, list[str]]) -> Any:
        """The value that was sent, in the JSON body or else otherwise; None if none was."""
        given = self._given(body, others)
        if given is None:
            if self.required:
                raise InvalidField(self.name, f"{self.name!r} is missing")
            return None
        if self.is_list:
            return [self._convert(value) for value in given]
        return None if given[0] is None else self._convert(given[0])

    def _given(self, body: Any, others: Mapping[str, list[str]]) -> list[Any] | None:
        if body is not None and self.name in body:
            value = body[self.name]
            given = value if self.is_list and isinstance(value, list) else [value]
        else:
            given = others.get(self.name, [])
        return given or None

    def _convert(self, value: Any) -> Any:
        try:
            return self.convert(value)
        except (TypeError, ValueError):
            expected = self.schema.get("items", self.schema)["type"]
            text = f"{self.name!r} has to be of type {expected}, not {value!r}"
            raise InvalidField(self.name, text) from None


def text(name: str, *, required: bool = False) -> Field:
    """A field that is a text; other values are written as one."""
    return Field(name, str, {"type": "string"}, required)


def number(name: str, *, required: bool = False) -> Field:
    """A field that is a whole number."""
    return Field(name, int, {"type": "integer"}, required)


def numbers(name: str, *, required: bool = False) -> Field:
    """A field that is a list of whole numbers; a single one makes a list of one."""
    schema = {"type": "array", "items": {"type": "integer"}}
    return Field(name, int, schema, required, is_list=True)


class Form:
    """A body whose fields are checked; each may also stand in a web form or in the query."""

    def __init__(self, *fields: Field) -> None:
        self.fields = fields

    async def read(self, request: Request) -> tuple[dict[str, Any], Any]:
        """The values of all fields, and the body as it came.

        Raises:
            InvalidField: the first field that is missing or of the wrong type.
        """
        body = await read_json(request)
        if body is not None and not isinstance(body, dict):
            raise Invalid("a JSON object is needed as the body")
        others = {**parse_qs(request.url.query), **await _read_form(request)}
        return {field.name: field.read(body, others) for field in self.fields}, body

    @property
    def schema(self) -> Schema:
        """Its description for the OpenAPI document."""
        return {
            "type": "object",
            "properties": {field.name: field.schema for field in self.fields},
            "required": [field.name for field in self.fields if field.required],
        }


def as_text(value: Any, name: str) -> str | None:
    """What a text column keeps of any value: numbers become texts, as in the original's database.

    Raises:
        InvalidField: a list or an object cannot be kept.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    raise InvalidField(name, f"{name!r} has to be a text, not {value!r}")
