"""Which rooms of the sockets a caller belongs in (reference: websockets, section 3)."""

from sqlmodel import Session

from v6sim.server.access.callers import Caller, NodeCaller
from v6sim.server.operations.presence import hearing

ALL_NODES = "all_nodes"
WORK = "work"
"""What a node says at connecting that wants to hear of work alone: of its tasks and of kills.

The tasks of others, and what becomes of their runs, are most of what there is to hear in a large
collaboration.
"""


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


def joined_rooms(session: Session, caller: Caller, wish: object) -> list[str]:
    """The rooms that a caller joins at connecting.

    Args:
        session: the database.
        caller: who connects.
        wish: `WORK`, if a node wants to hear of no more than that.
    """
    if isinstance(caller, NodeCaller) and wish == WORK:
        here = caller.collaboration_id
        return [ALL_NODES, work_room(here), work_room(here, caller.organization_id)]
    return rooms_of(session, caller)


def rooms_of(session: Session, caller: Caller) -> list[str]:
    """The rooms that a caller belongs in, and in which their coming and going is told."""
    own = caller.organization_id
    if isinstance(caller, NodeCaller):
        here = caller.collaboration_id
        return [ALL_NODES, collaboration_room(here), _organization_room(here, own)]
    heard = hearing(session, caller)
    if heard.organization_id is None:
        return [collaboration_room(key) for key in heard.collaborations]
    return [_organization_room(key, own) for key in heard.collaborations]
