"""Our OpenAPI document, as schemathesis reads it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import schemathesis
from fastapi.routing import APIRoute
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode

from v6sim.server.app import _RESOURCES

Operation = APIOperation[Any, Any, Any, Any]

ROUTES = sorted(
    f"{method} /api{route.path.replace(':int', '')}"
    for module in _RESOURCES
    for route in module.router.routes
    if isinstance(route, APIRoute) and route.include_in_schema
    for method in route.methods or ()
)
_NEAR: Any = {"anyOf": [{"minimum": 1, "maximum": 3}, {"minimum": 38, "maximum": 40}]}
"""Ids of the starting world; nodes have the higher ones."""


@cache
def operations(document: bytes) -> Mapping[str, Operation]:
    """What can be asked for: each operation by its method and path."""
    described = json.loads(document)
    for path in described["paths"].values():
        for operation in path.values():
            for part in ("parameters", "requestBody"):
                if part in operation:
                    operation[part] = _narrowed(operation[part])
    schema = schemathesis.openapi.from_dict(described)
    return {
        f"{method.upper()} {path}": schema[path][method]
        for path, methods in described["paths"].items()
        for method in methods
    }


def cases(operation: Operation) -> st.SearchStrategy[Case[Any]]:
    """Requests as the document describes them, and others."""
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])


def _narrowed(described: Any) -> Any:
    """The same with numbers near those that exist: others seldom find anything."""
    if isinstance(described, list):
        return [_narrowed(one) for one in described]
    if not isinstance(described, dict):
        return described
    near = _NEAR if described.get("type") == "integer" else {}
    return {**{key: _narrowed(value) for key, value in described.items()}, **near}
