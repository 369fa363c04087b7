"""Nodes, and the keys with which they sign in."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.access.keys import hash_key
from v6sim.server.errors import Invalid
from v6sim.server.events import PresenceChanged
from v6sim.server.operations.call import Call, Later
from v6sim.server.operations.endings import end_runs_of_node
from v6sim.server.store.find import find, members
from v6sim.server.store.tables import Collaboration, Identity, Node, Organization
from v6sim.world import default_node_name


def visible(call: Call) -> Any:
    """The nodes that the caller may see."""
    call.core.store.write_seen(call.session)
    statement = select(Node).join(Identity)
    if Reach.ANYTHING in call.reaches("node.view"):
        return statement
    return statement.where(Node.organization_id == call.caller.organization_id)


def view(call: Call, node_id: int) -> Node:
    """One node."""
    return _allowed(call, "node.view", node_id)


def create(
    call: Call, collaboration_id: int | None, organization_id: int | None, name: str | None
) -> tuple[Node, str]:
    """Make the node of an organization in a collaboration; also returns its new API key."""
    collaboration = find(call.session, Collaboration, collaboration_id)
    organization_id = organization_id or call.caller.organization_id
    call.require("node.create", Target("node of another organization", organization_id))
    if organization_id not in members(call.session, collaboration.id):
        raise Invalid(f"organization {organization_id} is not in collaboration {collaboration.id}")
    _check_alone(call.session, organization_id, collaboration.id)
    organization = find(call.session, Organization, organization_id)
    api_key = str(uuid.uuid4())
    name = name or default_node_name(organization.name, collaboration.name)
    node = add(call.session, name, organization.id, collaboration.id, api_key)
    call.commit()
    return node, api_key


def add(
    session: Session,
    name: str,
    organization_id: int,
    collaboration_id: int,
    api_key: str,
    status: str | None = None,
) -> Node:
    """Store a new node."""
    identity = Identity(kind="node", status=status)
    session.add(identity)
    session.flush()
    node = Node(
        id=identity.id, name=name, organization_id=organization_id,
        collaboration_id=collaboration_id, api_key=hash_key(api_key),
    )  # fmt: skip
    session.add(node)
    session.flush()
    return node


def edit(call: Call, node_id: int, wanted: Later[Mapping[str, Any]]) -> Node:
    """Change a node's name, ip, organization_id or collaboration_id.

    Only a name can become empty; for the others that means to leave them as they are.
    """
    node = _allowed(call, "node.edit", node_id)
    changes = wanted()
    organization_id = changes.get("organization_id") or node.organization_id
    collaboration_id = changes.get("collaboration_id") or node.collaboration_id
    moves = organization_id != node.organization_id
    if moves:
        call.require("node.move", _target(node))
        organization_id = find(call.session, Organization, organization_id).id
    if collaboration_id != node.collaboration_id:
        moves = True
        collaboration_id = find(call.session, Collaboration, collaboration_id).id
        call.require("node.join", _target(node, members(call.session, collaboration_id)))
    if moves:
        _check_alone(call.session, organization_id, collaboration_id)
        take_out(call, node)
    node.organization_id, node.collaboration_id = organization_id, collaboration_id
    node.name = changes.get("name", node.name)
    call.session.add(node)
    if changes.get("ip"):
        identity = find(call.session, Identity, node.id)
        identity.ip = changes["ip"]
        call.session.add(identity)
    call.commit()
    return node


def remove(call: Call, node_id: int) -> None:
    """Delete a node; the results of its runs stay."""
    erase(call, _allowed(call, "node.delete", node_id))
    call.commit()


def erase(call: Call, node: Node) -> None:
    """Delete a node, once it is decided that it goes."""
    end_runs_of_node(call, node, f"{_named(node)}, which this run was for, was deleted")
    call.session.delete(node)
    call.session.flush()
    call.session.execute(delete(Identity).where(col(Identity.id) == node.id))
    call.publish(PresenceChanged(node.id, is_online=False))


def take_out(call: Call, node: Node) -> None:
    """Have a node leave its place, once that is decided: what is open there ends."""
    end_runs_of_node(call, node, f"{_named(node)}, which this run was for, was moved elsewhere")


def renew_key(call: Call, node_id: object) -> str:
    """Give a node another API key; the old one is no longer good for signing in."""
    node = find(call.session, Node, node_id)
    call.require("node.new key", _target(node))
    api_key = str(uuid.uuid1())
    node.api_key = hash_key(api_key)
    call.session.add(node)
    call.commit()
    return api_key


def of_run(session: Session, organization_id: int | None, collaboration_id: int | None) -> Any:
    """The node of an organization in a collaboration, if there is one."""
    return session.exec(
        select(Node).where(
            Node.organization_id == organization_id, Node.collaboration_id == collaboration_id
        )
    ).first()


def _named(node: Node) -> str:
    return f"node {node.id} ({node.name!r})"


def named(session: Session, organization: str, collaboration: str) -> Node | None:
    """The node of an organization in a collaboration, by their names, if there is one."""
    return session.exec(
        select(Node)
        .join(Organization)
        .join(Collaboration)
        .where(Organization.name == organization, Collaboration.name == collaboration)
    ).first()


def _allowed(call: Call, action: str, node_id: int) -> Node:
    node = find(call.session, Node, node_id)
    call.require(action, _target(node))
    return node


def _target(node: Node, inside: frozenset[int] = frozenset()) -> Target:
    return Target(f"node {node.id}", node.organization_id, inside)


def _check_alone(
    session: Session, organization_id: int | None, collaboration_id: int | None
) -> None:
    if of_run(session, organization_id, collaboration_id):
        raise Invalid(
            f"organization {organization_id} has a node in collaboration {collaboration_id} already"
        )
