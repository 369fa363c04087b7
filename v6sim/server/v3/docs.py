"""What the OpenAPI document says of a route.

Shapes are only noted here: working out their schemas takes time that a starting server has not, so
that is left to when somebody asks for the document (`v3/document.py`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, NotRequired, TypeVar

from typing_extensions import TypedDict

from v6sim.server.v3.bodies import Form, Schema

SHAPES: list[Any] = []
"""The shapes of all routes, each in the place that its route's key `x-shape` names."""

Item = TypeVar("Item")
_TEXT: Schema = {"schema": {"type": "string"}}
_LIST_HEADERS = {
    "total-count": {**_TEXT, "description": "How many there are on all pages."},
    "Link": {**_TEXT, "description": "Links to other pages, as in RFC 8288."},
}
TOKEN_HEADER = {"jwt-token": {**_TEXT, "description": "The access token."}}


class Message(TypedDict):
    """An answer that only says something."""

    msg: str


class Nothing(TypedDict):
    """An answer that says nothing."""


class PageLinks(TypedDict):
    """Paths of other pages of a list."""

    first: str
    previous: NotRequired[str]
    self: str
    next: NotRequired[str]
    last: NotRequired[str]


class Page(TypedDict, Generic[Item]):
    """A list as it is answered with `include=metadata`."""

    data: list[Item]
    links: PageLinks


def route(
    shape: Any,
    *,
    status: int = 200,
    body: Form | Schema | None = None,
    secured: bool = True,
    query: Mapping[str, Schema] | None = None,
    headers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe a route.

    Args:
        shape: what it answers with.
        status: and under which status.
        body: what it is sent.
        secured: whether one has to be signed in.
        query: schemas of the parameters of its query; none of them has to be given.
        headers: what it says in headers of its answer.
    """
    extra: dict[str, Any] = {"x-shape": len(SHAPES), "x-headers": headers or {}}
    SHAPES.append(shape)
    if secured:
        extra["security"] = [{"bearerAuth": []}]
    if body is not None:
        schema = body.schema if isinstance(body, Form) else body
        extra["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    if query:
        extra["parameters"] = [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in query.items()
        ]
    return {"status_code": status, "openapi_extra": extra}


def listing(
    shape: Any, filters: Iterable[str] = (), includes: Iterable[str] = ()
) -> dict[str, Any]:
    """Describe a route that answers with a list, in pages."""
    number = {"type": "integer", "minimum": 1}
    query = {
        **{name: _filter(name) for name in filters},
        "page": number,
        "per_page": number,
        **including(*includes, "metadata"),
    }
    return route(list[shape] | Page[shape], query=query, headers=_LIST_HEADERS)


def including(*names: str) -> dict[str, Schema]:
    """The parameter by which more is answered."""
    return {"include": {"type": "array", "items": {"enum": list(names)}}}


def properties(required: Mapping[str, Schema | str] | None = None, **optional: str) -> Schema:
    """A body whose fields are taken as they come: the schemas or JSON types that are expected."""
    required = required or {}
    return {
        "type": "object",
        "properties": {
            **{n: {"type": s} if isinstance(s, str) else s for n, s in required.items()},
            **{name: {"type": [kind, "null"]} for name, kind in optional.items()},
        },
        "required": list(required),
    }


def _filter(name: str) -> Schema:
    return {"type": "integer" if name.endswith("_id") else "string"}
