"""Organizations (reference: server-api, section 3.6)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from v6sim.server.errors import InvalidField
from v6sim.server.operations import organizations
from v6sim.server.operations.call import Call
from v6sim.server.store.tables import Member, Organization
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json
from v6sim.server.v3.bodies import as_text, read_raw, read_raw_or_other
from v6sim.server.v3.kept import KeptRoute
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list
from v6sim.server.v3.requests import Key, asks
from v6sim.server.v3.shapes.collaborations import CollaborationShape, collaboration_shapes
from v6sim.server.v3.shapes.nodes import NodeShape, node_shapes
from v6sim.server.v3.shapes.organizations import OrganizationShape, organization_shapes

router = APIRouter(prefix="/organization", tags=["organization"], route_class=KeptRoute)

FILTERS = {
    "name": filters.like(Organization.name),
    "country": filters.equal(Organization.country),
    "collaboration_id": filters.within(
        Organization.id,
        lambda key: select(Member.organization_id).where(Member.collaboration_id == key),
    ),
}
_EMPTY = {
    "name": "", "domain": "", "address1": "", "address2": None, "zipcode": "", "country": "",
    "public_key": "",
}  # fmt: skip
BODY = docs.properties({}, **dict.fromkeys(_EMPTY, "string"))


@router.get("", **docs.listing(OrganizationShape, FILTERS))
async def list_organizations(
    call: Annotated[Call, asks("organization.view")], request: Request
) -> Response:
    """The organizations that one may see."""
    statement = filters.apply(organizations.visible(call), request, FILTERS)
    return answer_list(call, request, statement.order_by(col(Organization.id)), organization_shapes)


@router.post("", **docs.route(OrganizationShape, status=201, body=BODY))
async def create_organization(
    call: Annotated[Call, asks("organization.create")], request: Request
) -> Response:
    """Make an organization."""
    organization = organizations.create(call, lambda: _new(read_raw(request)))
    return Json(organization_shapes(View(call), [organization])[0], 201)


@router.get("/{key:int}", **docs.route(OrganizationShape))
async def get_organization(call: Annotated[Call, asks("organization.view")], key: Key) -> Response:
    """One organization."""
    return Json(organization_shapes(View(call), [organizations.view(call, key)])[0])


@router.patch("/{key:int}", **docs.route(OrganizationShape, body=BODY))
async def edit_organization(
    call: Annotated[Call, asks("organization.edit")], request: Request, key: Key
) -> Response:
    """Change an organization."""
    organization = organizations.edit(call, key, lambda: _fields(read_raw_or_other(request)))
    return Json(organization_shapes(View(call), [organization])[0])


@router.get("/{key:int}/collaboration", **docs.route(list[CollaborationShape]))
async def list_collaborations_of(
    call: Annotated[Call, asks("organization.collaborations")], key: Key
) -> Response:
    """The collaborations of an organization, all at once."""
    return Json(collaboration_shapes(View(call), organizations.collaborations(call, key)))


@router.get("/{key:int}/node", **docs.route(list[NodeShape]))
async def list_nodes_of(call: Annotated[Call, asks("organization.nodes")], key: Key) -> Response:
    """The nodes of an organization, all at once."""
    return Json(node_shapes(View(call), organizations.nodes(call, key)))


def _new(body: Mapping[str, Any]) -> dict[str, str | None]:
    fields = _fields({**_EMPTY, **body})
    if fields["public_key"] is None:
        raise InvalidField("public_key", "'public_key' has to be a text, not null")
    return fields


def _fields(body: Mapping[str, Any]) -> dict[str, str | None]:
    fields = {name: as_text(body[name], name) for name in _EMPTY if name in body}
    if key := fields.get("public_key"):
        fields["public_key"] = _normal_key(key)
    return fields


def _normal_key(key: str) -> str:
    """Base64 as the original gives it back: characters outside the alphabet are left out."""
    try:
        return base64.b64encode(base64.b64decode(key)).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidField("public_key", f"'public_key' has to be base64: {error}") from None
