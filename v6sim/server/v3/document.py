"""The OpenAPI document, made when it is first asked for."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from v6sim.server.v3 import docs

_TEXT = {"type": "string"}
_MESSAGE = {"type": "object", "properties": {"msg": _TEXT}, "required": ["msg"]}
_FIELDS = {
    "description": "What is wrong: with the body, or with each of some fields.",
    "type": "object",
    "properties": {
        "message": {"anyOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT}]}
    },
    "required": ["message"],
}
_SAYING = {"application/json": {"schema": _MESSAGE}}
_ERRORS = {
    "400": {
        "description": "The request cannot be carried out as it stands.",
        "content": {"application/json": {"schema": {"anyOf": [_MESSAGE, _FIELDS]}}},
    },
    "401": {
        "description": "The caller is not known, or may not do this.",
        "content": _SAYING,
    },
    "404": {
        "description": "Something that was named does not exist.",
        "content": {**_SAYING, "text/html": {"schema": _TEXT}},
    },
    "422": {"description": "The token is none.", "content": _SAYING},
}
_REF = "#/components/schemas/{model}"


def document(api: FastAPI) -> dict[str, Any]:
    """Describe all routes of an API; the same object each time."""
    if api.openapi_schema is None:
        api.openapi_schema = _make(api)
    return api.openapi_schema


def _make(api: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=api.title, version=api.version, description=api.description, routes=api.routes
    )
    adapters = [(str(key), "serialization", TypeAdapter(s)) for key, s in enumerate(docs.SHAPES)]
    schemas, shared = TypeAdapter.json_schemas(adapters, ref_template=_REF)  # type: ignore[arg-type]
    for path, operation in _operations(made):
        key = str(operation.pop("x-shape"))
        _describe_answers(operation, schemas[key, "serialization"])
        _describe_path(operation, path)
    components = made.setdefault("components", {})
    components["schemas"] = {name: _closed(shape) for name, shape in shared["$defs"].items()}
    components["securitySchemes"] = {
        "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    return made


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in made["paths"].items():
        for operation in operations.values():
            yield path, operation


def _closed(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape that has its own fields and no others."""
    return {**shape, "additionalProperties": False}


def _describe_path(operation: dict[str, Any], path: str) -> None:
    for name in re.findall(r"{(\w+)}", path):
        schema = {"type": "integer", "minimum": 0}
        place = {"name": name, "in": "path", "required": True, "schema": schema}
        operation.setdefault("parameters", []).insert(0, place)


def _describe_answers(operation: dict[str, Any], schema: Any) -> None:
    answers = operation["responses"]
    [good] = [status for status in answers if status.startswith(("2", "5"))]
    answers[good]["content"] = {"application/json": {"schema": schema}}
    if headers := operation.pop("x-headers"):
        answers[good]["headers"] = headers
    answers.pop("422", None)
    answers.update(_ERRORS)
