"""Nodes (reference: server-api, section 3.8)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlmodel import col

from v6sim.server.errors import InvalidField, Refused
from v6sim.server.operations import nodes
from v6sim.server.operations.call import Call
from v6sim.server.store.tables import Identity, Node
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json, message
from v6sim.server.v3.bodies import Form, as_text, number, read_raw, text
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list
from v6sim.server.v3.requests import Key, asks
from v6sim.server.v3.shapes.nodes import NewNodeShape, NodeShape, node_shapes
from v6sim.wire.excerpt import excerpt

router = APIRouter(prefix="/node", tags=["node"])

FILTERS = {
    "name": filters.like(Node.name),
    "organization_id": filters.equal(Node.organization_id),
    "collaboration_id": filters.equal(Node.collaboration_id),
    "status": filters.equal(Identity.status),
    "ip": filters.equal(Identity.ip),
    "last_seen_from": filters.since(Identity.last_seen),
    "last_seen_till": filters.until(Identity.last_seen),
}
_PLACES = ("organization_id", "collaboration_id")
NEW = Form(number("collaboration_id", required=True), number("organization_id"), text("name"))
CHANGES = docs.properties(
    name="string", organization_id="integer", collaboration_id="integer", ip="string"
)


@router.get("", **docs.listing(NodeShape, FILTERS))
async def list_nodes(call: Annotated[Call, asks("node.view")], request: Request) -> Response:
    """The nodes that one may see."""
    statement = filters.apply(nodes.visible(call), request, FILTERS)
    return answer_list(call, request, statement.order_by(col(Node.id)), node_shapes)


@router.post("", **docs.route(NewNodeShape, status=201, body=NEW))
async def create_node(call: Annotated[Call, asks("node.create")], request: Request) -> Response:
    """Make a node; its API key is shown this once."""
    given = NEW.read(request)
    node, api_key = nodes.create(
        call, given["collaboration_id"], given["organization_id"], given["name"]
    )
    return Json({**node_shapes(View(call), [node])[0], "api_key": api_key}, 201)


@router.get("/{key:int}", **docs.route(NodeShape))
async def get_node(call: Annotated[Call, asks("node.view")], key: Key) -> Response:
    """One node."""
    return Json(node_shapes(View(call), [nodes.view(call, key)])[0])


@router.patch("/{key:int}", **docs.route(NodeShape | docs.Message, body=CHANGES))
async def edit_node(
    call: Annotated[Call, asks("node.edit")], request: Request, key: Key
) -> Response:
    """Change a node; a collaboration that one is not in is refused with status 200, as upstream."""
    try:
        node = nodes.edit(call, key, lambda: _changes(read_raw(request)))
    except Refused as refused:
        if refused.decision and refused.decision.action.name == "node.join":
            return message(str(refused))
        raise
    return Json(node_shapes(View(call), [node])[0])


@router.delete("/{key:int}", **docs.route(docs.Message))
async def delete_node(call: Annotated[Call, asks("node.delete")], key: Key) -> Response:
    """Delete a node."""
    nodes.remove(call, key)
    return message(f"node {key} is deleted")


def _changes(body: Mapping[str, Any]) -> dict[str, Any]:
    changes = {name: body[name] for name in _PLACES if body.get(name)}
    for name, value in changes.items():
        if isinstance(value, list | dict):
            raise InvalidField(name, f"{name!r} has to be an id, not {excerpt(value)}")
    if "name" in body:
        changes["name"] = as_text(body["name"], "name")
    if body.get("ip"):
        changes["ip"] = as_text(body["ip"], "ip")
    return changes
