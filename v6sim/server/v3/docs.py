"""What the OpenAPI document says of a route.

Shapes are only noted here: working out their schemas takes time that a starting server has not, so
that is left to when somebody asks for the document (`v3/document.py`).
"""

from collections.abc import Iterable
from typing import Any

from v6sim.server.v3.bodies import Form, Schema

SHAPES: list[Any] = []
"""The shapes of all routes, each in the place that its route's key `x-shape` names."""

Message = dict[str, str]
"""An answer that only says something, under `msg`."""


def route(
    shape: Any, *, status: int = 200, body: Form | Schema | None = None, secured: bool = True
) -> dict[str, Any]:
    """Describe a route that answers with `shape`."""
    extra: dict[str, Any] = {"x-shape": len(SHAPES)}
    SHAPES.append(shape)
    if secured:
        extra["security"] = [{"bearerAuth": []}]
    if body is not None:
        schema = body.schema if isinstance(body, Form) else body
        extra["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return {"status_code": status, "openapi_extra": extra}


def listing(
    shape: Any, filters: Iterable[str] = (), includes: Iterable[str] = ()
) -> dict[str, Any]:
    """Describe a route that answers with a list, in pages."""
    described = route(list[shape])
    parameters = [_parameter(name, {"type": "string"}) for name in filters]
    number = {"type": "integer", "minimum": 1}
    parameters += [_parameter(name, number) for name in ("page", "per_page")]
    wanted = {"type": "array", "items": {"enum": [*includes, "metadata"]}}
    parameters.append(_parameter("include", wanted))
    described["openapi_extra"]["parameters"] = parameters
    return described


def properties(*required: str, **optional: str) -> Schema:
    """A body whose fields are taken as they come: names, with JSON types of the optional ones."""
    return {
        "type": "object",
        "properties": {
            **{name: {} for name in required},
            **{name: {"type": [kind, "null"]} for name, kind in optional.items()},
        },
        "required": list(required),
    }


def _parameter(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}
