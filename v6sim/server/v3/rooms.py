"""Which rooms of the sockets a caller belongs in (reference: websockets, section 3)."""

from dataclasses import dataclass

from sqlmodel import Session

from v6sim.server.access.callers import Caller, NodeCaller
from v6sim.server.operations.presence import hearing, takes_part

ALL_NODES = "all_nodes"


@dataclass(frozen=True)
class Rooms:
    """Where a connection is.

    Args:
        joined: the rooms whose events it hears.
        announced: the rooms in which its coming and going is told.
    """

    joined: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()


def collaboration_room(collaboration_id: int | None) -> str:
    """The room of all that concerns a collaboration."""
    return f"collaboration_{collaboration_id}"


def work_room(collaboration_id: int | None, organization_id: int | None = None) -> str:
    """The room of those who hear of work alone: of a collaboration's, or one organization's."""
    if organization_id is None:
        return f"{collaboration_room(collaboration_id)}_work"
    return f"{_organization_room(collaboration_id, organization_id)}_work"


def _organization_room(collaboration_id: int | None, organization_id: int | None) -> str:
    return f"{collaboration_room(collaboration_id)}_organization_{organization_id}"


def rooms_of(session: Session, caller: Caller, *, of_work_only: bool = False) -> Rooms:
    """The rooms in which a caller belongs now.

    Args:
        session: the database.
        caller: who is connected.
        of_work_only: whether a node wants to hear of no more than its tasks, and of kills. The
            tasks of others, and what becomes of their runs, are most of what there is to hear in a
            large collaboration.
    """
    own = caller.organization_id
    if isinstance(caller, NodeCaller):
        here = caller.collaboration_id
        if not takes_part(session, own, here):
            return Rooms((ALL_NODES,))
        announced = (collaboration_room(here), _organization_room(here, own))
        work = (work_room(here), work_room(here, own))
        return Rooms((ALL_NODES, *(work if of_work_only else announced)), announced)
    heard = hearing(session, caller)
    if heard.organization_id is None:
        rooms = tuple(collaboration_room(key) for key in heard.collaborations)
    else:
        rooms = tuple(_organization_room(key, own) for key in heard.collaborations)
    return Rooms(rooms, rooms)
