"""Who is there: what sockets tell about users and nodes."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.callers import Caller, NodeCaller
from v6sim.server.access.decisions import Target, decide
from v6sim.server.store.chunks import chunks
from v6sim.server.store.find import collaborations_of, column, members, whole
from v6sim.server.store.tables import Collaboration, Identity, Node, Run, Task

_LONGEST_STATUS = 100  # characters


def set_status(session: Session, identities: Collection[int], *, is_online: bool) -> list[int]:
    """Note that users or nodes are connected, or no longer are; returns for whom that is new."""
    status = "online" if is_online else "offline"
    known = session.exec(select(Identity).where(col(Identity.id).in_(identities)))
    changed = [identity for identity in known if identity.status != status]
    for identity in changed:
        identity.status = status
        session.add(identity)
    if changed:
        session.commit()
    return [identity.id for identity in changed]


@dataclass(frozen=True)
class Hearing:
    """What somebody who is connected hears of.

    Args:
        collaborations: ids of the collaborations it is about, in order.
        organization_id: whose affairs in them alone; None for all.
    """

    collaborations: tuple[int, ...]
    organization_id: int | None = None


def hearing(session: Session, caller: Caller) -> Hearing:
    """What a user may hear of."""
    own = caller.organization_id
    reaches = decide(caller, "event.hear").reaches
    everywhere = select(Collaboration.id).order_by(col(Collaboration.id))
    if Reach.ANYTHING in reaches:
        return Hearing(tuple(session.exec(everywhere)))
    ours = everywhere.where(col(Collaboration.id).in_(collaborations_of(own)))
    if Reach.COLLABORATION in reaches:
        return Hearing(tuple(session.exec(ours)))
    if Reach.ORGANIZATION in reaches:
        return Hearing(tuple(session.exec(ours)), own)
    return Hearing(())


def takes_part(session: Session, organization_id: int | None, collaboration_id: int | None) -> bool:
    """Return whether an organization is in a collaboration now."""
    if collaboration_id is None:
        return False
    return organization_id in members(session, collaboration_id)


def may_know(listener: Caller | None, user: Caller) -> bool:
    """Return whether a listener may be told the name of a user."""
    target = Target(str(user), user.organization_id, identity_id=user.id)
    return listener is not None and decide(listener, "user.view", target).allowed


def nodes_as_stored(
    session: Session, keys: Collection[int]
) -> dict[int, tuple[str, int | None, int | None]]:
    """The name, organization, and collaboration of each of some nodes, by their ids."""
    columns = select(Node.id, Node.name, Node.organization_id, Node.collaboration_id)
    return {
        key: (name or "", organization_id, collaboration_id)
        for chunk in chunks(keys)
        for key, name, organization_id, collaboration_id in session.exec(
            columns.where(col(Node.id).in_(chunk))
        )
    }


@dataclass(frozen=True)
class StatusChange:
    """A run whose status has changed, as the server knows it."""

    status: str
    run_id: int
    task_id: int
    job_id: int | None
    collaboration_id: int
    node_id: int
    organization_id: int | None
    parent_id: int | None


def status_change(
    session: Session, node: NodeCaller, run_id: object, status: object
) -> StatusChange | None:
    """The change that a node tells of; None if it is no run of that node's, or no status.

    Of a run that has ended, only the server knows the status: it may have been killed since.

    Args:
        session: the database.
        node: who tells of it.
        run_id: the run's id as it was sent.
        status: the run's status as it was sent.
    """
    number = None if isinstance(run_id, bool) else whole(run_id)
    if number is None or not isinstance(status, str) or not _is_status(status):
        return None
    where = {"organization": node.organization_id, "collaboration": node.collaboration_id}
    row = session.execute(_run_at(), {"run": number, **where}).first()
    if row is None or node.collaboration_id is None:
        return None
    task_id, job_id, parent_id, finished_at, stored = row
    return StatusChange(
        stored if finished_at and stored else status, number, task_id, job_id,
        node.collaboration_id, node.id, node.organization_id, parent_id,
    )  # fmt: skip


@cache
def _run_at() -> Any:
    """The statement for a run of some place, made once: making it takes longer than the rest."""
    wanted = (Run.task_id, Task.job_id, Task.parent_id, Run.finished_at, Run.status)
    return sqlalchemy.select(*map(column, wanted)).where(
        column(Run.id) == bindparam("run"),
        column(Run.task_id) == column(Task.id),
        column(Run.organization_id) == bindparam("organization"),
        column(Task.collaboration_id) == bindparam("collaboration"),
    )


def _is_status(text: str) -> bool:
    """Return whether a text can be shown as a status; which ones there are depends on the node."""
    return 0 < len(text) <= _LONGEST_STATUS and text.isprintable()
