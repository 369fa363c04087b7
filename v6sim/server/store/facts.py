"""What many requests ask the database for, and what seldom changes there."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from sqlmodel import Session, col, select

from v6sim.server.store.chunks import chunks
from v6sim.server.store.kept import Kept
from v6sim.server.store.revisions import Revisions
from v6sim.server.store.tables import Identity, Member, Node, Port, Task, TextPiece

FACTS = "facts"
"""Under which name a session has them in its `info`."""

Place = tuple[int | None, int | None]
"""Ids of an organization and a collaboration."""


@dataclass(frozen=True)
class NodeFacts:
    """A node, as results show it."""

    id: int
    name: str | None
    ip: str | None
    status: str | None


@dataclass(frozen=True)
class TaskFacts:
    """A task, as far as it matters for what becomes of its runs."""

    id: int
    collaboration_id: int | None


class Facts:
    """Kept answers of the database.

    Args:
        revisions: of the database.
    """

    def __init__(self, revisions: Revisions) -> None:
        self._members: Kept[int | None, frozenset[int]] = Kept(revisions, ["member"])
        self._nodes: Kept[str, dict[Place, NodeFacts]] = Kept(revisions, ["node", "identity"])
        self._ports: Kept[str, list[int]] = Kept(revisions, ["port"])
        self._long_texts: Kept[str, list[int]] = Kept(revisions, ["text_piece"])
        self._tasks: Kept[int, TaskFacts] = Kept(revisions, ["task"])

    def members(self, session: Session, collaboration_id: int | None) -> frozenset[int]:
        """Ids of the organizations in a collaboration."""
        return self._members.get(collaboration_id, lambda: _members(session, collaboration_id))

    def nodes(self, session: Session) -> dict[Place, NodeFacts]:
        """All nodes, by their places."""
        return self._nodes.get("all", lambda: _nodes(session))

    def tasks(self, session: Session, keys: Collection[int]) -> dict[int, TaskFacts]:
        """The tasks that there are of some ids."""
        return self._tasks.get_all(keys, lambda lacking: _tasks(session, lacking))

    def are_ports(self, session: Session) -> bool:
        """Whether any algorithm listens on a port; hardly one does."""
        return bool(self._ports.get("first", lambda: list(session.exec(select(Port.id).limit(1)))))

    def are_long_texts(self, session: Session) -> bool:
        """Whether any run has a text that is kept in pieces; in most databases none has."""
        return bool(self._long_texts.get("first", lambda: _first_long_text(session)))


def facts_of(session: Session) -> Facts:
    """Those of the database that a session is on."""
    facts: Facts = session.info[FACTS]
    return facts


def _first_long_text(session: Session) -> list[int]:
    return list(session.exec(select(TextPiece.run_id).limit(1)))


def _members(session: Session, collaboration_id: int | None) -> frozenset[int]:
    of_it = Member.collaboration_id == collaboration_id
    return frozenset(session.exec(select(Member.organization_id).where(of_it)))


def _tasks(session: Session, keys: list[int]) -> dict[int, TaskFacts]:
    rows = chain.from_iterable(
        session.exec(select(Task.id, Task.collaboration_id).where(col(Task.id).in_(chunk)))
        for chunk in chunks(keys)
    )
    return {key: TaskFacts(key, where) for key, where in rows}


def _nodes(session: Session) -> dict[Place, NodeFacts]:
    return {
        (node.organization_id, node.collaboration_id): NodeFacts(
            node.id, node.name, identity.ip, identity.status
        )
        for node, identity in session.exec(select(Node, Identity).join(Identity))
    }
