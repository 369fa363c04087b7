"""What tests may turn on a running server, and see of it: its time, and its journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

from v6sim.sandbox.arguments import check_duration
from v6sim.sandbox.thread import ServiceThread
from v6sim.server.event_journal import EventQuery, SocketEvent
from v6sim.server.journal import Request, RequestQuery
from v6sim.server.operations.call import Core


@dataclass(frozen=True)
class Permission:
    """What would come of a request; true if it would be allowed.

    Args:
        status: the status it would be answered with.
        why: the decisions behind it, in words; empty if none was needed.
        smallest_role: of the roles that would allow it, the one with the fewest rules.
        body: the answer's body.
    """

    status: int
    why: str
    smallest_role: str | None
    body: Any

    def __bool__(self) -> bool:
        return self.status < 400

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Permission":
        """From what the server tells of a request that it has tried out."""
        decisions = told["decisions"]
        refusals = [each for each in decisions if not each["allowed"]]
        smallest = refusals[-1]["smallest_role"] if refusals else None
        why = "; ".join(each["text"] for each in decisions)
        return cls(told["status"], why, smallest, told["body"])


class Control:
    """Reaches into a running server.

    Args:
        core: the server's shared parts.
        thread: where it runs.
    """

    def __init__(self, core: Core, thread: ServiceThread) -> None:
        self._core, self._thread = core, thread


class ClockControl(Control):
    """Moves the server's clock: tokens expire and pauses end without waiting."""

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move it on as if that time had passed; a reset puts it back.

        It returns when what was due meanwhile is done, such as finding out which nodes are silent.

        Raises:
            WrongArgument: it would go back, or something is no number.
        """
        by = check_duration(seconds=seconds, minutes=minutes, hours=hours)
        self._thread.call(self._core.clock.advance(by))

    def now(self) -> datetime:
        """What time it is there, with zone UTC."""
        return self._thread.do(self._core.clock.now)


class JournalView(Control):
    """The requests that the server has seen, and the events, since the last reset."""

    def requests(self, **wanted: Unpack[RequestQuery]) -> list[Request]:
        """The requests that fit all that is given: method, path, by, status.

        See `v6sim.server.journal.RequestQuery`.
        """
        return self._thread.do(lambda: self._core.journal.requests(**wanted))

    def events(self, **wanted: Unpack[EventQuery]) -> list[SocketEvent]:
        """The events that fit all that is given: name, room, by, to, way.

        See `v6sim.server.event_journal.EventQuery`.
        """
        return self._thread.do(lambda: self._core.event_journal.events(**wanted))

    def wait_for_events(
        self, seconds: float, times: int = 1, **wanted: Unpack[EventQuery]
    ) -> list[SocketEvent]:
        """The events that fit, once there are that many; after `seconds` those that there are.

        Args:
            seconds: how long to wait.
            times: for how many.
            wanted: as for `events`.
        """
        journal = self._core.event_journal
        are_there = journal.until(lambda: len(journal.events(**wanted)) >= times, seconds)
        self._thread.call(are_there)
        return self.events(**wanted)
