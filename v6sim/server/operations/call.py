"""One call on the server: who asks, and what it is worked on with."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from v6sim.server.access.actions import Reach
from v6sim.server.access.callers import Caller
from v6sim.server.access.decisions import Decision, Target, decide
from v6sim.server.access.tokens import Tokens
from v6sim.server.clock import Clock
from v6sim.server.errors import NotAuthenticated, Refused
from v6sim.server.events import Event, Events
from v6sim.server.holds import Holds
from v6sim.server.outbox import Outbox
from v6sim.server.settings import Settings
from v6sim.server.store import Snapshot, Store
from v6sim.server.store.kept import Kept


@dataclass(frozen=True)
class Core:
    """What all operations of one server share; `start` is what a reset goes back to."""

    settings: Settings
    store: Store
    start: Snapshot
    clock: Clock
    events: Events
    tokens: Tokens
    outbox: Outbox
    holds: Holds
    callers: Kept[Hashable, Caller]
    answers: Kept[Hashable, Any]


@dataclass
class Call:
    """What one operation works with.

    Args:
        core: the server's shared parts.
        session: the database, for the length of this call.
        by: who calls; None where nobody had to sign in.
    """

    core: Core
    session: Session
    by: Caller | None = None
    _happened: list[Event] = field(default_factory=list)

    @property
    def caller(self) -> Caller:
        """Who calls.

        Raises:
            NotAuthenticated: nobody signed in.
        """
        if self.by is None:
            raise NotAuthenticated("log in first")
        return self.by

    def require(self, action: str, target: Target | None = None) -> Decision:
        """Make sure that the caller may do `action` with `target`.

        Raises:
            Refused: they may not; it carries the decision.
        """
        decision = decide(self.caller, action, target)
        if not decision.allowed:
            raise Refused(str(decision), decision)
        return decision

    def may(self, action: str, target: Target) -> bool:
        """Whether the caller may do `action` with `target`."""
        return decide(self.caller, action, target).allowed

    def reaches(self, action: str) -> frozenset[Reach]:
        """For a list: which things the caller may see in it.

        Raises:
            Refused: none at all.
        """
        return self.require(action).reaches

    def publish(self, event: Event) -> None:
        """Have everybody told of `event`, once the changes are stored."""
        self._happened.append(event)

    def commit(self) -> None:
        """Store the changes, then tell what happened."""
        self.session.commit()
        happened, self._happened = self._happened, []
        for event in happened:
            self.core.events.publish(event)
