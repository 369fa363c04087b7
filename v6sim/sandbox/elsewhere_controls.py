"""What tests may turn on a v6sim that runs elsewhere: its time, its journal and its faults."""

import time
from datetime import datetime
from typing import Any, NoReturn, Unpack

from v6sim.control_client import ControlClient
from v6sim.sandbox.arguments import check_duration, check_options
from v6sim.sandbox.impossible import Impossible
from v6sim.server.event_journal import EventQuery, SocketEvent
from v6sim.server.journal import Request, RequestQuery

_GLANCE = 0.05  # seconds between two looks


class Clock:
    """Moves its clock; see `ClockControl`.

    Args:
        client: asks it.
    """

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move it on as if that time had passed; a reset puts it back."""
        by = check_duration(seconds=seconds, minutes=minutes, hours=hours)
        self._client.ask("POST", "clock", {"seconds": by.total_seconds()})

    def now(self) -> datetime:
        """What time it is there, with zone UTC."""
        return datetime.fromisoformat(self._client.ask("GET", "clock")["now"])


class _ImpossibleFault(Impossible, AttributeError):
    """A fault of nodes, which is had where they run."""


class Faults:
    """Has it misbehave; a reset heals it.

    Args:
        client: asks it.
    """

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def add(self, kind: str, path: str | None = None, **options: Any) -> None:
        """Have requests fail from now on; see `FaultControl`."""
        self._client.ask("POST", "faults", {"kind": kind, "path": path, **options})

    def clear(self) -> None:
        """Heal it."""
        self._client.ask("DELETE", "faults")

    def __getattr__(self, name: str) -> NoReturn:
        raise _ImpossibleFault(f"faults.{name}", self._client.root, "add and clear are not")


class Journal:
    """The requests that it has seen, and the events, since the start or the last reset.

    Args:
        client: asks it.
    """

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def requests(self, **wanted: Unpack[RequestQuery]) -> list[Request]:
        """The requests that fit all that is given; see `RequestQuery`."""
        check_options(wanted, RequestQuery.__annotations__, "journal.requests")
        rows = self._client.ask("GET", "journal", query=wanted)
        return [_request(row) for row in rows]

    def events(self, **wanted: Unpack[EventQuery]) -> list[SocketEvent]:
        """The events that fit all that is given; see `EventQuery`."""
        check_options(wanted, EventQuery.__annotations__, "journal.events")
        rows = self._client.ask("GET", "journal/events", query=wanted)
        return [_event(row) for row in rows]

    def wait_for_events(
        self, seconds: float, times: int = 1, **wanted: Unpack[EventQuery]
    ) -> list[SocketEvent]:
        """The events that fit, once there are that many; after `seconds` those that there are."""
        end = time.monotonic() + seconds
        while len(found := self.events(**wanted)) < times and time.monotonic() < end:
            time.sleep(_GLANCE)
        return found


def _event(row: dict[str, Any]) -> SocketEvent:
    return SocketEvent(
        **{**row, "at": datetime.fromisoformat(row["at"]), "heard_by": tuple(row["heard_by"])}
    )


def _request(row: dict[str, Any]) -> Request:
    moment = datetime.fromisoformat(row["at"])
    return Request(**{**row, "at": moment, "body": row["body"].encode()})
