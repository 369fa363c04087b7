"""Connections of users and nodes: who each one is now, and which rooms that one belongs in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from sqlmodel import Session

from v6sim.server.access.callers import Caller, Kind, NodeCaller
from v6sim.server.errors import NotAuthenticated
from v6sim.server.operations import presence
from v6sim.server.operations.call import Core
from v6sim.server.operations.callers import TABLES, of_claims
from v6sim.server.v3.rooms import Rooms, rooms_of

_OF_USERS = (*TABLES, "member", "collaboration")
_OF_NODES = ("node", "member")


@dataclass
class Connection:
    """One socket in the namespace of events.

    Args:
        sid: its id in the library.
        claims: of the token with which it was opened.
        of_work_only: whether a node wants to hear of work alone.
        caller: who it is now; None for a user or node that does not exist any more, and for a user
            whose token has expired.
        rooms: where it is now.
    """

    sid: str
    claims: dict[str, Any]
    of_work_only: bool = False
    caller: Caller | None = None
    rooms: Rooms = field(default_factory=Rooms)

    @property
    def is_of_node(self) -> bool:
        """Whether a node has opened it."""
        return bool(self.claims.get("client_type") == Kind.NODE)

    @property
    def expires(self) -> float:
        """The time at which its token stops being good for hearing.

        A node may go on: genuine ones begin their work anew when they have to connect again.
        """
        return inf if self.is_of_node else float(self.claims.get("exp", inf))


@dataclass(frozen=True)
class Change:
    """What is different with a connection.

    Args:
        connection: which one.
        before: who it was; None if it is new, or was nobody's.
        now: who it is; None if it has ended, or is nobody's.
        rooms_before: where it was.
        rooms_now: where it is.
    """

    connection: Connection
    before: Caller | None
    now: Caller | None
    rooms_before: Rooms
    rooms_now: Rooms

    @property
    def left(self) -> list[str]:
        """The rooms that are to be told that it has gone."""
        now = self.rooms_now.announced
        return [room for room in self.rooms_before.announced if room not in now]

    @property
    def entered(self) -> list[str]:
        """The rooms that are to be told that it has come."""
        before = self.rooms_before.announced
        return [room for room in self.rooms_now.announced if room not in before]


class Connections:
    """All connections.

    Args:
        core: the server's shared parts.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._by_sid: dict[str, Connection] = {}
        self._users_at = self._nodes_at = 0
        self._next_expiry = inf

    def get(self, sid: str) -> Connection | None:
        """The connection of that id, if it is one."""
        return self._by_sid.get(sid)

    def caller(self, sid: str) -> Caller | None:
        """Who a connection is, if it is one and still anybody's."""
        connection = self._by_sid.get(sid)
        return connection.caller if connection else None

    def callers(self) -> Iterator[Caller]:
        """Who is connected: each as often as there are connections."""
        return (each.caller for each in self._by_sid.values() if each.caller)

    def of_nodes(self) -> list[Connection]:
        """The connections of nodes."""
        return [each for each in self._by_sid.values() if isinstance(each.caller, NodeCaller)]

    def has(self, identity_id: int) -> bool:
        """Return whether a user or node is connected."""
        return any(caller.id == identity_id for caller in self.callers())

    def add(self, session: Session, connection: Connection, caller: Caller) -> Change:
        """Take up a new connection."""
        self._by_sid[connection.sid] = connection
        self._next_expiry = min(self._next_expiry, connection.expires)
        rooms = rooms_of(session, caller, of_work_only=connection.of_work_only)
        return self._change(connection, caller, rooms)

    def remove(self, sid: str) -> Change | None:
        """Forget a connection that has ended; returns what that changes, if it was known."""
        connection = self._by_sid.pop(sid, None)
        return self._change(connection, None, Rooms()) if connection else None

    def has_expired(self, connection: Connection) -> bool:
        """Return whether the token of a connection is no longer good for hearing."""
        return connection.expires <= self._core.clock.now().timestamp()

    def are_as_known(self) -> bool:
        """Return whether everybody is who they were, and belongs where they did."""
        of = self._core.store.revisions.of
        return (
            self._users_at == of(*_OF_USERS)
            and self._nodes_at == of(*_OF_NODES)
            and self._core.clock.now().timestamp() < self._next_expiry
        )

    def review(self, session: Session) -> list[Change]:
        """Look up anew who everybody is, and where that belongs; returns what is different."""
        of = self._core.store.revisions.of
        nodes_at, self._nodes_at = self._nodes_at, of(*_OF_NODES)
        self._users_at = of(*_OF_USERS)
        all_ = list(self._by_sid.values())
        users = [each for each in all_ if not each.is_of_node]
        changes = [self._review_user(session, each) for each in users]
        if nodes_at != self._nodes_at:
            changes += self._review_nodes(session, [each for each in all_ if each.is_of_node])
        good = [user.expires for user in users if not self.has_expired(user)]
        self._next_expiry = min(good, default=inf)
        return [change for change in changes if change]

    def _review_user(self, session: Session, user: Connection) -> Change | None:
        caller = None if self.has_expired(user) else self._owner(session, user)
        return self._review(session, user, caller)

    def _review_nodes(self, session: Session, nodes: list[Connection]) -> list[Change | None]:
        known = [each.caller for each in nodes if isinstance(each.caller, NodeCaller)]
        rows = presence.nodes_as_stored(session, {caller.id for caller in known})
        changes = []
        for node in nodes:
            caller = node.caller
            if not isinstance(caller, NodeCaller) or rows.get(caller.id) != (
                caller.name, caller.organization_id, caller.collaboration_id,
            ):  # fmt: skip
                caller = self._owner(session, node)
            changes.append(self._review(session, node, caller))
        return changes

    def _owner(self, session: Session, connection: Connection) -> Caller | None:
        try:
            return of_claims(self._core, session, connection.claims)
        except NotAuthenticated:
            return None

    def _review(
        self, session: Session, connection: Connection, caller: Caller | None
    ) -> Change | None:
        of_work_only = connection.of_work_only
        rooms = rooms_of(session, caller, of_work_only=of_work_only) if caller else Rooms()
        if rooms == connection.rooms and caller == connection.caller:
            return None
        return self._change(connection, caller, rooms)

    @staticmethod
    def _change(connection: Connection, caller: Caller | None, rooms: Rooms) -> Change:
        change = Change(connection, connection.caller, caller, connection.rooms, rooms)
        connection.caller, connection.rooms = caller, rooms
        return change
