"""One call on the server: who asks, and what it is worked on with."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlmodel import Session

from v6sim.server.access.actions import ACTIONS, Reach
from v6sim.server.access.callers import Caller
from v6sim.server.access.decisions import Decision, Target, decide, decide_hand_out
from v6sim.server.access.records import Record, Records
from v6sim.server.access.rules import RuleKey
from v6sim.server.access.tokens import Tokens
from v6sim.server.clock import Clock
from v6sim.server.environments import Environments
from v6sim.server.errors import NotAuthenticated, Refused
from v6sim.server.event_journal import EventJournal
from v6sim.server.events import Event, Events
from v6sim.server.faults import Faults
from v6sim.server.feeds import Feeds
from v6sim.server.hindrances import Hindrances
from v6sim.server.holds import Holds
from v6sim.server.journal import Journal
from v6sim.server.logs import Logs
from v6sim.server.outbox import Outbox
from v6sim.server.settings import Settings
from v6sim.server.store import Snapshot, Store
from v6sim.server.store.kept import Kept, KeptReadings

T = TypeVar("T")
Later = Callable[[], T]
"""What a caller asks for in detail: read once it is decided that they may, and not before."""


@dataclass(frozen=True)
class Core:
    """What all operations of one server share.

    `start` is what a reset goes back to, and `snapshots` are others to go back to, by name. Who
    runs nodes beside the server adds to `obstacles` what says why a run does not get on, by its id
    and its node's.
    """

    settings: Settings
    store: Store
    start: Snapshot
    clock: Clock
    events: Events
    tokens: Tokens
    outbox: Outbox
    holds: Holds
    callers: Kept[Hashable, Caller]
    answers: KeptReadings[Hashable, Any]
    records: Records
    logs: Logs
    environments: Environments
    feeds: Feeds
    journal: Journal
    event_journal: EventJournal
    faults: Faults
    hindrances: Hindrances
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    obstacles: list[Callable[[int, int | None], str]] = field(default_factory=list)


@dataclass
class Call:
    """What one operation works with.

    Args:
        core: the server's shared parts.
        session: the database, for the length of this call.
        by: who calls; None where nobody had to sign in.
        request: method and path, for those who ask why something was refused.
        is_rehearsal: nothing of it is to last, and nobody is to be told.
    """

    core: Core
    session: Session
    by: Caller | None = None
    request: str = ""
    is_rehearsal: bool = False
    records: list[Record] = field(default_factory=list)
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

    def require(self, action: str, target: Target | None = None, obstacle: str = "") -> Decision:
        """Make sure that the caller may do `action` with `target`.

        Args:
            action: what is asked for.
            target: with what; None for a list.
            obstacle: what else stands in the way, whatever one may; empty if nothing does.

        Raises:
            Refused: they may not; it carries the decision.
        """
        return self._insist(decide(self.caller, action, target, obstacle))

    def require_held(self, rule: RuleKey) -> None:
        """Make sure that the caller holds a rule that is to be given or taken.

        Raises:
            Refused: they do not.
        """
        self._insist(decide_hand_out(self.caller, rule))

    def require_kind(self, actions: Collection[str]) -> None:
        """Make sure that one of the actions is for callers of this kind.

        Raises:
            Refused: none is.
        """
        if all(self.caller.kind not in ACTIONS[action].callers for action in actions):
            self.require(next(iter(actions)))

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
        for event in happened if not self.is_rehearsal else ():
            self.core.events.publish(event)

    def _insist(self, decision: Decision) -> Decision:
        now = self.core.clock.now()
        self.records.append(self.core.records.note(now, self.request, decision))
        if not decision.allowed:
            raise Refused(str(decision), decision)
        return decision
