"""Who is there: what sockets tell about users and nodes."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.callers import Caller
from v6sim.server.access.decisions import decide
from v6sim.server.store.facts import facts_of
from v6sim.server.store.find import collaborations_of, whole
from v6sim.server.store.tables import Collaboration, Identity


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


def job_of_run(session: Session, run_id: object) -> int | None:
    """The job that a run belongs to."""
    number = whole(run_id)
    return None if number is None else facts_of(session).job_of_run(session, number)
