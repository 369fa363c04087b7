"""Which rooms of the sockets a caller belongs in (reference: websockets, section 3)."""

from sqlmodel import Session, col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.callers import Caller, NodeCaller
from v6sim.server.access.decisions import decide
from v6sim.server.store.find import collaborations_of
from v6sim.server.store.tables import Collaboration

ALL_NODES = "all_nodes"


def collaboration_room(collaboration_id: int | None) -> str:
    """The room of all that concerns a collaboration."""
    return f"collaboration_{collaboration_id}"


def _organization_room(collaboration_id: int | None, organization_id: int | None) -> str:
    return f"{collaboration_room(collaboration_id)}_organization_{organization_id}"


def rooms_of(session: Session, caller: Caller) -> list[str]:
    """The rooms that a caller joins at connecting."""
    own = caller.organization_id
    if isinstance(caller, NodeCaller):
        here = caller.collaboration_id
        return [ALL_NODES, collaboration_room(here), _organization_room(here, own)]
    reaches = decide(caller, "event.hear").reaches
    everywhere = select(Collaboration.id).order_by(col(Collaboration.id))
    ours = everywhere.where(col(Collaboration.id).in_(collaborations_of(own)))
    if Reach.ANYTHING in reaches:
        return [collaboration_room(key) for key in session.exec(everywhere)]
    if Reach.COLLABORATION in reaches:
        return [collaboration_room(key) for key in session.exec(ours)]
    if Reach.ORGANIZATION in reaches:
        return [_organization_room(key, own) for key in session.exec(ours)]
    return []
