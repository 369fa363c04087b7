"""Collaborations, and who takes part in them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.errors import Invalid, NotFound
from v6sim.server.operations import nodes as node_operations
from v6sim.server.operations.call import Call, Later
from v6sim.server.operations.endings import end_runs_at
from v6sim.server.store.find import collaborations_of, find, look, look_all, members, without_null
from v6sim.server.store.tables import Collaboration, Member, Node, Organization, Task
from v6sim.wire.excerpt import excerpt


def visible(call: Call, organization_id: int | None = None, written: str = "") -> Any:
    """The collaborations that the caller may see, all or those of one organization.

    Args:
        call: whose call it is.
        organization_id: the organization, if one is asked for.
        written: how the caller wrote its id.
    """
    own = call.caller.organization_id
    statement = select(Collaboration)
    everything = Reach.ANYTHING in call.reaches("collaboration.list")
    if not everything:
        statement = statement.where(col(Collaboration.id).in_(collaborations_of(own)))
        if written and written != str(own):
            obstacle = "only those of one's own organization"
            call.require("collaboration.list", Target(f"organization {organization_id}"), obstacle)
    if organization_id is not None:
        of_organization = collaborations_of(organization_id)
        statement = statement.where(col(Collaboration.id).in_(of_organization))
    return statement


def view(call: Call, collaboration_id: int) -> Collaboration:
    """One collaboration."""
    return _allowed(call, "collaboration.view", collaboration_id)


def organizations(call: Call, collaboration_id: int) -> Any:
    """The organizations in a collaboration."""
    return _organizations(view(call, collaboration_id))


def nodes(call: Call, collaboration_id: int) -> Any:
    """The nodes of a collaboration."""
    return _nodes(_allowed(call, "collaboration.nodes", collaboration_id))


def tasks(call: Call, collaboration_id: int) -> Any:
    """The tasks of a collaboration."""
    collaboration = _allowed(call, "collaboration.tasks", collaboration_id)
    return select(Task).where(Task.collaboration_id == collaboration.id)


def create(
    call: Call, name: str | None, organization_ids: Sequence[int | None], encrypted: bool
) -> Collaboration:
    """Make a collaboration of those organizations that exist."""
    _check_free(call, name)
    call.require("collaboration.create")
    organization_ids = without_null("organization_ids", organization_ids)
    collaboration = Collaboration(name=name, encrypted=encrypted)
    call.session.add(collaboration)
    call.session.flush()
    _join(call, collaboration, _known(call, organization_ids))
    call.commit()
    return collaboration


def edit(
    call: Call,
    collaboration_id: int,
    wanted: Later[tuple[Mapping[str, Any], Sequence[object] | None]],
) -> Collaboration:
    """Change a collaboration.

    Args:
        call: whose call it is.
        collaboration_id: what to change.
        wanted: new values of name and encrypted; and who takes part from now on, as far as they
            exist, where None leaves them.
    """
    collaboration = _allowed(call, "collaboration.edit", collaboration_id)
    changes, organization_ids = wanted()
    if changes.get("name") not in (None, collaboration.name):
        _check_free(call, changes["name"])
    for name, value in changes.items():
        setattr(collaboration, name, value)
    if organization_ids is not None:
        staying = _known(call, organization_ids)
        _end_runs_of(call, collaboration, members(call.session, collaboration.id) - set(staying))
        call.session.execute(delete(Member).where(col(Member.collaboration_id) == collaboration.id))
        _join(call, collaboration, staying)
    call.session.add(collaboration)
    call.commit()
    return collaboration


def remove(call: Call, collaboration_id: int) -> None:
    """Delete a collaboration, with its nodes; its tasks stay, and belong to none."""
    collaboration = _allowed(call, "collaboration.delete", collaboration_id)
    session = call.session
    reason = f"collaboration {collaboration.id} ({collaboration.name!r}) was deleted"
    end_runs_at(call, collaboration.id, None, reason)
    tasks = update(Task).where(col(Task.collaboration_id) == collaboration.id)
    session.execute(tasks.values(collaboration_id=None))
    for node in session.exec(select(Node).where(Node.collaboration_id == collaboration.id)):
        node_operations.erase(call, node)
    session.execute(delete(Member).where(col(Member.collaboration_id) == collaboration.id))
    session.delete(collaboration)
    call.commit()


def add_organization(call: Call, collaboration_id: int, organization_id: Later[object]) -> Any:
    """Have an organization take part; all that do are returned."""
    collaboration = _allowed(call, "collaboration.edit", collaboration_id)
    organization = find(call.session, Organization, organization_id())
    if organization.id not in members(call.session, collaboration.id):
        _join(call, collaboration, [organization.id])
        call.commit()
    return _organizations(collaboration)


def remove_organization(call: Call, collaboration_id: int, organization_id: Later[object]) -> Any:
    """Have an organization take part no longer; all that still do are returned."""
    collaboration = find(call.session, Collaboration, collaboration_id)
    wanted = organization_id()
    organization = look(call.session, Organization, wanted)
    if wanted is not None and organization is None:
        raise NotFound("organization", wanted)
    call.require("collaboration.remove organization", _target(call, collaboration))
    if organization is None:
        raise Invalid("the organization is missing")
    if organization.id not in members(call.session, collaboration.id):
        raise Invalid(f"organization {organization.id} is not in this collaboration")
    _end_runs_of(call, collaboration, {organization.id})
    call.session.execute(
        delete(Member).where(
            col(Member.collaboration_id) == collaboration.id,
            col(Member.organization_id) == organization.id,
        )
    )
    call.commit()
    return _organizations(collaboration)


def add_node(call: Call, collaboration_id: int, node_id: Later[object]) -> Any:
    """Move a node into a collaboration; all its nodes are returned."""
    collaboration, node = _with_node(call, collaboration_id, node_id)
    if node.collaboration_id == collaboration.id:
        raise Invalid(f"node {node.id} is in this collaboration already")
    node_operations.take_out(call, node)
    node.collaboration_id = collaboration.id
    call.session.add(node)
    call.commit()
    return _nodes(collaboration)


def remove_node(call: Call, collaboration_id: int, node_id: Later[object]) -> Node:
    """Take a node out of a collaboration; it then belongs to none."""
    collaboration, node = _with_node(call, collaboration_id, node_id)
    if node.collaboration_id != collaboration.id:
        raise Invalid(f"node {node.id} is not in this collaboration")
    node_operations.take_out(call, node)
    node.collaboration_id = None
    call.session.add(node)
    call.commit()
    return node


def _end_runs_of(
    call: Call, collaboration: Collaboration, organization_ids: Collection[int]
) -> None:
    """End the open runs of organizations that leave: they are shown them no longer."""
    if organization_ids:
        left = f"left collaboration {collaboration.id} ({collaboration.name!r})"
        reason = f"the organization that this run was for has {left}"
        end_runs_at(call, collaboration.id, organization_ids, reason)


def _with_node(
    call: Call, collaboration_id: int, node_id: Later[object]
) -> tuple[Collaboration, Node]:
    collaboration = _allowed(call, "collaboration.edit", collaboration_id)
    return collaboration, find(call.session, Node, node_id())


def _allowed(call: Call, action: str, collaboration_id: int) -> Collaboration:
    collaboration = find(call.session, Collaboration, collaboration_id)
    call.require(action, _target(call, collaboration))
    return collaboration


def _target(call: Call, collaboration: Collaboration) -> Target:
    inside = members(call.session, collaboration.id)
    return Target(f"collaboration {collaboration.id}", members=inside)


def _organizations(collaboration: Collaboration) -> Any:
    inside = select(Member.organization_id).where(Member.collaboration_id == collaboration.id)
    return select(Organization).where(col(Organization.id).in_(inside))


def _nodes(collaboration: Collaboration) -> Any:
    return select(Node).where(Node.collaboration_id == collaboration.id)


def _check_free(call: Call, name: str | None) -> None:
    if call.session.exec(select(Collaboration.id).where(Collaboration.name == name)).first():
        raise Invalid(f"a collaboration named {excerpt(name)} exists already: choose another name")


def _known(call: Call, organization_ids: Sequence[object]) -> list[int]:
    """The ids of those organizations that exist."""
    return [each.id for each in look_all(call.session, Organization, organization_ids)]


def _join(call: Call, collaboration: Collaboration, organization_ids: Sequence[int]) -> None:
    for key in dict.fromkeys(organization_ids):
        call.session.add(Member(organization_id=key, collaboration_id=collaboration.id))
    call.session.flush()
