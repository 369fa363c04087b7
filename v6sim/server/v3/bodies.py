"""Reading the bodies of requests, in the two ways of the original (reference: server-api, 1.4).

The bytes are there before a route begins; a route has them read when the original would look at
them, which is often after it has decided whether the caller may. A long body is taken apart as it
comes, so that it is never held as one.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request

from v6sim.server.errors import BadBody, Invalid, InvalidField, TooManyValues
from v6sim.server.store.find import LARGEST
from v6sim.server.v3.long_bodies import LongBody, can_be_long, receive_short
from v6sim.wire.excerpt import excerpt
from v6sim.wire.json_encoding import in_utf8
from v6sim.wire.json_reader import JsonTooLarge, check_short
from v6sim.wire.long_text import AnyText, LongText, text_size
from v6sim.wire.sizes import KIB, format_size

Schema = dict[str, Any]
_LONGEST_NUMBER = 100  # characters
_LONGEST_TEXT = 64 * KIB
"""Characters of a text that is neither input, result, nor log; a public key has some 700."""


async def receive(request: Request, longest_string: float = math.inf) -> None:
    """Wait for all of a body.

    Args:
        request: whose body it is.
        longest_string: characters of a text in it that are kept; of a longer one only the length.

    Raises:
        TooLarge: there is more of it than there may be.
    """
    if not can_be_long(request):
        request.state.body = await request.body()
    elif _is_json(request):
        request.state.body, request.state.long_body = b"", LongBody(longest_string)
        await request.state.long_body.receive(request)
    else:
        request.state.body = await receive_short(request, "the most of what is not JSON")


def read_json(request: Request) -> Any:
    """The JSON value of a body; None where the body is not said to be JSON.

    Each text in it of more than a million characters is a `LongText`.

    Raises:
        BadBody: it cannot be read.
        TooManyValues: it has more values than any request needs.
    """
    if not _is_json(request):
        return None
    if not hasattr(request.state, "json"):  # which may be large, and is asked for more than once
        try:
            request.state.json = _parsed(request)
        except JsonTooLarge as error:
            raise TooManyValues(f"the request body is too large: {error}") from None
        except (ValueError, RecursionError) as error:
            raise BadBody(f"the body is not valid JSON: {error}") from None
    return request.state.json


def _parsed(request: Request) -> Any:
    long_body: LongBody | None = getattr(request.state, "long_body", None)
    if long_body is not None:
        return long_body.value()
    body = in_utf8(request.state.body)
    check_short(body)
    return json.loads(body)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def read_raw(request: Request) -> Mapping[str, Any]:
    """A body whose fields are taken as they come.

    Raises:
        Invalid: it is no JSON object.
    """
    return _object(read_json(request))


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise Invalid("a JSON object is needed as the body, with `Content-Type: application/json`")
    return body


def read_raw_or_other(request: Request) -> Mapping[str, Any]:
    """The same, for those of the original's routes that take a list or text for an empty object.

    Raises:
        Invalid: it is none of them.
    """
    return {} if isinstance(read_json(request), list | str) else read_raw(request)


@dataclass(frozen=True)
class Field:
    """One field of a form; `convert` makes its value from what was sent."""

    name: str
    convert: Callable[[Any], Any]
    schema: Schema
    required: bool
    is_list: bool = False

    def read(self, sources: list[Mapping[str, Any]]) -> Any:
        """The value that was sent, or the first one of several; None if none was."""
        given = [value for source in sources for value in self._given(source)]
        if not given:
            if self.required:
                raise InvalidField(self.name, f"{self.name!r} is missing")
            return None
        converted = [None if value is None else self._convert(value) for value in given]
        return converted if self.is_list else converted[0]

    def _given(self, source: Mapping[str, Any]) -> list[Any]:
        if self.name not in source:
            return []
        value = source[self.name]
        return value if isinstance(value, list) else [value]

    def _convert(self, value: Any) -> Any:
        try:
            return self.convert(value)
        except (TypeError, ValueError, OverflowError):
            expected = self.schema.get("items", self.schema)["type"]
            text = f"{self.name!r} has to be of type {expected}, not {excerpt(value)}"
            raise InvalidField(self.name, text) from None


def text(name: str, *, required: bool = False) -> Field:
    """A field that is a text; other values are written as one."""
    return Field(name, lambda value: _not_long(value, name), {"type": "string"}, required)


def number(name: str, *, required: bool = False) -> Field:
    """A field that is a whole number."""
    return Field(name, int, {"type": "integer"}, required)


def numbers(name: str, *, required: bool = False) -> Field:
    """A field that is a list of whole numbers; a single one makes a list of one, and so does null.

    A null in it is refused once it is decided that the caller may: see `without_null`.
    """
    schema = {"type": "array", "items": {"type": "integer"}}
    return Field(name, _whole, schema, required, is_list=True)


def _whole(value: Any) -> int:
    """A whole number; a text that is one is read, and what follows the point is cut off."""
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        raise ValueError
    number = int(value)
    if abs(number) > LARGEST:
        raise OverflowError
    return number


class Form:
    """A body whose fields are checked; each may also stand in a web form or in the query."""

    def __init__(self, *fields: Field) -> None:
        self.fields = fields

    def read(self, request: Request) -> dict[str, Any]:
        """The values of all fields.

        Raises:
            InvalidField: the first field that is missing or of the wrong type.
            Invalid: the body is neither an object nor a list.
        """
        body = read_json(request)
        if not isinstance(body, dict | list | None):
            raise Invalid("a JSON object is needed as the body")
        in_body = body if isinstance(body, dict) else {}
        sources: list[Mapping[str, Any]] = [
            in_body,
            _form(request),
            parse_qs(request.url.query, keep_blank_values=True),
        ]
        return {field.name: field.read(sources) for field in self.fields}

    @property
    def schema(self) -> Schema:
        """Its description for the OpenAPI document."""
        return {
            "type": "object",
            "properties": {field.name: field.schema for field in self.fields},
            "required": [field.name for field in self.fields if field.required],
        }


def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a body that is a web form."""
    if "x-www-form-urlencoded" not in request.headers.get("content-type", ""):
        return {}
    return parse_qs(request.state.body.decode(errors="replace"), keep_blank_values=True)


def as_long_text(value: Any, name: str) -> AnyText | None:
    """The same as `as_text`, for a field whose text may be long."""
    return value if isinstance(value, str | LongText) else as_text(value, name)


def as_text(value: Any, name: str) -> str | None:
    """What a text column keeps of any value: numbers become texts, as in the original's database.

    Raises:
        InvalidField: a list or an object cannot be kept, and no text of more than 64 KiB.
    """
    if value is None:
        return value
    if isinstance(value, str | LongText):
        return _not_long(value, name)
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _as_written(value)
    raise InvalidField(name, f"{name!r} has to be a text, not {excerpt(value)}")


def _not_long(value: Any, name: str) -> str:
    """A value as a text.

    Raises:
        InvalidField: it is longer than lists of it could be shown.
    """
    text = value if isinstance(value, LongText) else str(value)
    if (size := text_size(text)) > _LONGEST_TEXT:
        most = format_size(_LONGEST_TEXT)
        raise InvalidField(name, f"{name!r} has {size:,} characters: at most {most} are possible")
    return str(text)


def _as_written(value: float) -> str:
    """A number as SQLite writes it into a text column: 15 digits, and always a point."""
    mantissa, exponent, power = f"{value:.15g}".partition("e")
    if "." not in mantissa and math.isfinite(value):
        mantissa += ".0"
    return mantissa + exponent + power


def ids(body: Mapping[str, Any], name: str) -> list[Any] | None:
    """A list of ids in a body; None if the field is not there. What is empty has none.

    Raises:
        InvalidField: it is no list.
    """
    if name not in body:
        return None
    given = body[name]
    if not isinstance(given, list | dict | str) or not all(_is_id(key) for key in given):
        raise InvalidField(name, f"{name!r} has to be a list of ids, not {excerpt(given)}")
    return list(given)


def _is_id(key: object) -> bool:
    return isinstance(key, int | float | str)
