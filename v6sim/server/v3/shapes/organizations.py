"""The shape of organizations."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from v6sim.server.store.tables import Member, Node, Organization, Role, Run, User
from v6sim.server.v3.links import Link, View


class OrganizationShape(TypedDict):
    """An organization; `roles` are plain ids, `public_key` is empty if there is none."""

    id: int
    name: str | None
    domain: str | None
    address1: str | None
    address2: str | None
    zipcode: str | None
    country: str | None
    public_key: str
    collaborations: list[Link] | None
    nodes: list[Link] | None
    users: list[Link] | None
    results: list[Link] | None
    roles: list[int]


def organization_shapes(
    view: View, organizations: Sequence[Organization]
) -> list[OrganizationShape]:
    """Organizations on the wire."""
    ids = [organization.id for organization in organizations]
    collaborations = view.related(Member.organization_id, Member.collaboration_id, ids)
    nodes = view.related(Node.organization_id, Node.id, ids)
    users = view.related(User.organization_id, User.id, ids)
    runs = view.related(Run.organization_id, Run.id, ids)
    roles = view.related(Role.organization_id, Role.id, ids)
    return [
        {
            "id": organization.id,
            "name": organization.name,
            "domain": organization.domain,
            "address1": organization.address1,
            "address2": organization.address2,
            "zipcode": organization.zipcode,
            "country": organization.country,
            "public_key": organization.public_key,
            "collaborations": view.links("collaboration", collaborations.get(organization.id, ())),
            "nodes": view.links("node", nodes.get(organization.id, ())),
            "users": view.links("user", users.get(organization.id, ())),
            "results": view.links("result", runs.get(organization.id, ())),
            "roles": roles.get(organization.id, []),
        }
        for organization in organizations
    ]
