"""Organizations."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.operations.call import Call, Later
from v6sim.server.store.find import collaborations_of, find, partners_of
from v6sim.server.store.tables import Collaboration, Node, Organization


def visible(call: Call) -> Any:
    """The organizations that the caller may see."""
    reaches, own = call.reaches("organization.view"), call.caller.organization_id
    if Reach.ANYTHING in reaches:
        return select(Organization)
    condition = col(Organization.id) == own
    if Reach.COLLABORATION in reaches:
        condition = or_(condition, col(Organization.id).in_(partners_of(own)))
    return select(Organization).where(condition)


def view(call: Call, organization_id: int) -> Organization:
    """One organization."""
    organization = find(call.session, Organization, organization_id)
    partners = {organization.id, *call.session.exec(partners_of(organization.id))}
    call.require("organization.view", _target(organization, partners))
    return organization


def create(call: Call, fields: Later[Mapping[str, Any]]) -> Organization:
    """Make an organization."""
    call.require("organization.create")
    organization = Organization(**fields())
    call.session.add(organization)
    call.commit()
    return organization


def edit(call: Call, organization_id: int, changes: Later[Mapping[str, Any]]) -> Organization:
    """Change an organization; None leaves a field as it is."""
    organization = find(call.session, Organization, organization_id)
    call.require("organization.edit", _target(organization))
    for name, value in changes().items():
        if value is not None:
            setattr(organization, name, value)
    call.session.add(organization)
    call.commit()
    return organization


def collaborations(call: Call, organization_id: int) -> list[Collaboration]:
    """The collaborations that an organization takes part in."""
    organization = find(call.session, Organization, organization_id)
    call.require("organization.collaborations", _target(organization))
    statement = select(Collaboration).where(
        col(Collaboration.id).in_(collaborations_of(organization.id))
    )
    return list(call.session.exec(statement.order_by(col(Collaboration.id))))


def nodes(call: Call, organization_id: int) -> list[Node]:
    """The nodes of an organization."""
    organization = find(call.session, Organization, organization_id)
    call.require("organization.nodes", _target(organization))
    statement = select(Node).where(Node.organization_id == organization.id)
    return list(call.session.exec(statement.order_by(col(Node.id))))


def _target(organization: Organization, members: Any = ()) -> Target:
    return Target(f"organization {organization.id}", organization.id, members)
