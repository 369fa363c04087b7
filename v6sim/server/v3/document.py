"""The OpenAPI document, made when it is first asked for."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from v6sim.server.v3 import docs

_ERRORS = {
    "400": "The request cannot be carried out as it stands.",
    "401": "The caller is not known, or may not do this.",
    "404": "Something that was named does not exist.",
    "422": "The token is none.",
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
    components["schemas"] = shared["$defs"]
    components["securitySchemes"] = {
        "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    return made


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in made["paths"].items():
        for operation in operations.values():
            yield path, operation


def _describe_path(operation: dict[str, Any], path: str) -> None:
    for name in re.findall(r"{(\w+)}", path):
        schema = {"type": "integer", "minimum": 0}
        place = {"name": name, "in": "path", "required": True, "schema": schema}
        operation.setdefault("parameters", []).insert(0, place)


def _describe_answers(operation: dict[str, Any], schema: Any) -> None:
    answers = operation["responses"]
    [good] = [status for status in answers if status.startswith(("2", "5"))]
    answers[good]["content"] = {"application/json": {"schema": schema}}
    answers.pop("422", None)
    for status, text in _ERRORS.items():
        answers[status] = {"description": text}
