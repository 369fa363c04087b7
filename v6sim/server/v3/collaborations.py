"""Collaborations (reference: server-api, section 3.7)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlmodel import col

from v6sim.server.errors import Invalid, InvalidField
from v6sim.server.operations import collaborations
from v6sim.server.operations.call import Call
from v6sim.server.store.find import whole
from v6sim.server.store.tables import Collaboration, Node, Organization, Task
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json, message
from v6sim.server.v3.bodies import (
    Form,
    as_text,
    ids,
    number,
    numbers,
    read_raw,
    read_raw_or_other,
    text,
)
from v6sim.server.v3.kept import KeptRoute
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list
from v6sim.server.v3.requests import Key, asks
from v6sim.server.v3.shapes.collaborations import CollaborationShape, collaboration_shapes
from v6sim.server.v3.shapes.nodes import NodeSimpleShape, node_simple_shapes
from v6sim.server.v3.shapes.organizations import OrganizationShape, organization_shapes
from v6sim.server.v3.shapes.tasks import TaskShape, task_shapes
from v6sim.wire.excerpt import excerpt

router = APIRouter(prefix="/collaboration", tags=["collaboration"], route_class=KeptRoute)

FILTERS = {
    "name": filters.like(Collaboration.name),
    "encrypted": filters.equal(Collaboration.encrypted),
}
NEW = Form(
    text("name", required=True),
    numbers("organization_ids", required=True),
    number("encrypted"),
)
CHANGES = docs.properties(name="string", organization_ids="array", encrypted="boolean")
MEMBER = docs.properties({"id": "integer"})


@router.get("", **docs.listing(CollaborationShape, [*FILTERS, "organization_id"]))
async def list_collaborations(
    call: Annotated[Call, asks("collaboration.list")], request: Request
) -> Response:
    """The collaborations that one may see."""
    given = request.query_params.getlist("organization_id")
    of_organization, written = None, given[0] if given else ""
    if given:
        key = whole(written)
        of_organization = -1 if key is None else key
    visible = collaborations.visible(call, of_organization, written)
    statement = filters.apply(visible, request, FILTERS)
    return answer_list(
        call, request, statement.order_by(col(Collaboration.id)), collaboration_shapes
    )


@router.post("", **docs.route(CollaborationShape, body=NEW))
async def create_collaboration(
    call: Annotated[Call, asks("collaboration.create")], request: Request
) -> Response:
    """Make a collaboration; answered with 200, as upstream."""
    given = NEW.read(request)
    collaboration = collaborations.create(
        call, given["name"], given["organization_ids"], given["encrypted"] == 1
    )
    return _one(call, collaboration)


@router.get("/{key:int}", **docs.route(CollaborationShape))
async def get_collaboration(
    call: Annotated[Call, asks("collaboration.view")], key: Key
) -> Response:
    """One collaboration."""
    return _one(call, collaborations.view(call, key))


@router.patch("/{key:int}", **docs.route(CollaborationShape, body=CHANGES))
async def edit_collaboration(
    call: Annotated[Call, asks("collaboration.edit")], request: Request, key: Key
) -> Response:
    """Change a collaboration, or replace its organizations."""
    return _one(call, collaborations.edit(call, key, lambda: _changes(read_raw_or_other(request))))


@router.delete("/{key:int}", **docs.route(docs.Message))
async def delete_collaboration(
    call: Annotated[Call, asks("collaboration.delete")], key: Key
) -> Response:
    """Delete a collaboration, with its nodes."""
    collaborations.remove(call, key)
    return message(f"collaboration {key} is deleted")


@router.get("/{key:int}/organization", **docs.listing(OrganizationShape))
async def list_organizations_in(
    call: Annotated[Call, asks("collaboration.view")], request: Request, key: Key
) -> Response:
    """The organizations in a collaboration."""
    statement = collaborations.organizations(call, key).order_by(col(Organization.id))
    return answer_list(call, request, statement, organization_shapes)


@router.post("/{key:int}/organization", **docs.route(list[OrganizationShape], body=MEMBER))
async def add_organization(
    call: Annotated[Call, asks("collaboration.edit")], request: Request, key: Key
) -> Response:
    """Have an organization take part; the answer lists all that do."""
    statement = collaborations.add_organization(call, key, lambda: _member(request))
    return _organizations(call, statement)


@router.delete("/{key:int}/organization", **docs.route(list[OrganizationShape], body=MEMBER))
async def remove_organization(
    call: Annotated[Call, asks("collaboration.remove organization")], request: Request, key: Key
) -> Response:
    """Have an organization take part no longer; the answer lists those that still do."""
    statement = collaborations.remove_organization(call, key, lambda: _member(request))
    return _organizations(call, statement)


@router.get("/{key:int}/node", **docs.listing(NodeSimpleShape))
async def list_nodes_in(
    call: Annotated[Call, asks("collaboration.nodes")], request: Request, key: Key
) -> Response:
    """The nodes of a collaboration."""
    statement = collaborations.nodes(call, key).order_by(col(Node.id))
    return answer_list(call, request, statement, node_simple_shapes)


@router.post("/{key:int}/node", **docs.route(list[NodeSimpleShape], status=201, body=MEMBER))
async def add_node(
    call: Annotated[Call, asks("collaboration.edit")], request: Request, key: Key
) -> Response:
    """Move a node into a collaboration; the answer lists all its nodes."""
    statement = collaborations.add_node(call, key, lambda: _member(request))
    nodes = call.session.exec(statement.order_by(col(Node.id))).all()
    return Json(node_simple_shapes(View(call), nodes), 201)


@router.delete("/{key:int}/node", **docs.route(docs.Message, body=MEMBER))
async def remove_node(
    call: Annotated[Call, asks("collaboration.edit")], request: Request, key: Key
) -> Response:
    """Take a node out of a collaboration."""
    node = collaborations.remove_node(call, key, lambda: _node(request))
    return message(f"node {node.id} is no longer in collaboration {key}")


@router.get("/{key:int}/task", **docs.listing(TaskShape))
async def list_tasks_in(
    call: Annotated[Call, asks("collaboration.tasks")], request: Request, key: Key
) -> Response:
    """The tasks of a collaboration."""
    statement = collaborations.tasks(call, key).order_by(col(Task.id))
    return answer_list(call, request, statement, task_shapes)


def _flag(value: Any) -> bool | None:
    if value not in (None, True, False):
        raise InvalidField(
            "encrypted", f"'encrypted' has to be true or false, not {excerpt(value)}"
        )
    return None if value is None else bool(value)


def _changes(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any] | None]:
    changes: dict[str, Any] = {}
    if "name" in body:
        changes["name"] = as_text(body["name"], "name")
    if "encrypted" in body:
        changes["encrypted"] = _flag(body["encrypted"])
    return changes, ids(body, "organization_ids")


def _node(request: Request) -> Any:
    if (key := _member(request)) is None:
        raise Invalid("'id' is missing")
    return key


def _member(request: Request) -> Any:
    body = read_raw(request)
    if "id" not in body:
        raise InvalidField("id", "'id' is missing")
    return body["id"]


def _one(call: Call, collaboration: Collaboration) -> Response:
    return Json(collaboration_shapes(View(call), [collaboration])[0])


def _organizations(call: Call, statement: Any) -> Response:
    rows = call.session.exec(statement.order_by(col(Organization.id))).all()
    return Json(organization_shapes(View(call), rows))
