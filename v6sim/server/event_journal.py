"""The events of late: who said what to whom over Socket.IO."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from typing import Any, Literal, TypedDict

from v6sim.server.access.callers import Caller

Way = Literal["sent", "received"]

_KEPT = 5_000  # events
_LONGEST = 2_000  # characters of a payload
_LONGEST_NAME = 100  # characters of an event's name
_MOST = 100  # names of those who heard


@dataclass(frozen=True)
class SocketEvent:
    """An event that the server has sent or received.

    Args:
        id: its number, counting up.
        at: when.
        way: `sent` by the server, or `received` from somebody.
        name: such as `new_task`.
        room: to whom it was sent: a room, or empty for a single connection; empty if received.
        kind: user or node if received; server if sent; empty if nobody signed in.
        caller: name of who said it; empty if nobody signed in, or the server did.
        heard_by: names of the users and nodes that it was sent to, at most 100.
        payload: what it carries, as JSON; at most 2,000 characters.
    """

    id: int
    at: datetime
    way: Way
    name: str
    room: str
    kind: str
    caller: str
    heard_by: tuple[str, ...]
    payload: str

    @property
    def value(self) -> Any:
        """What it carries; None if that is too long to be kept."""
        try:
            return json.loads(self.payload)
        except (ValueError, RecursionError):
            return None

    def __str__(self) -> str:
        """As messages show it."""
        by = f" by {self.kind} {self.caller!r}" if self.caller else ""
        room = f" to {self.room}" if self.room else ""
        return f"{self.name} {self.way}{by}{room}: {self.payload[:200]}"


class EventQuery(TypedDict, total=False):
    """Which events are of interest.

    Args:
        name: such as `new_task`.
        room: such as `collaboration_1`.
        by: `server`, a kind of caller (`user`, `node`), or the name of one.
        to: the name of a user or node that it was sent to.
        way: `sent` or `received`.
    """

    name: str | None
    room: str | None
    by: str | None
    to: str | None
    way: Way | None


class EventJournal:
    """Keeps the last few thousand events."""

    def __init__(self) -> None:
        self._events: deque[SocketEvent] = deque(maxlen=_KEPT)
        self._ids = count(1)
        self._news = asyncio.Event()

    def note_sent(
        self, at: datetime, name: str, room: str, payload: Any, heard_by: Iterable[Caller]
    ) -> None:
        """Take down what the server says; see `SocketEvent`."""
        names = tuple(caller.name for caller in islice(heard_by, _MOST))
        self._note(at, "sent", name, room, "server", "", names, payload)

    def note_received(self, at: datetime, name: str, caller: Caller | None, payload: Any) -> None:
        """Take down what somebody says; see `SocketEvent`."""
        kind, who = (str(caller.kind), caller.name) if caller else ("", "")
        self._note(at, "received", name, "", kind, who, (), payload)

    def events(
        self,
        *,
        name: str | None = None,
        room: str | None = None,
        by: str | None = None,
        to: str | None = None,
        way: Way | None = None,
    ) -> list[SocketEvent]:
        """The events that fit all that is given, the oldest first; see `EventQuery`."""
        return [
            event
            for event in self._events
            if (name is None or event.name == name)
            and (room is None or event.room == room)
            and (by is None or by in (event.kind, event.caller))
            and (to is None or to in event.heard_by)
            and (way is None or event.way == way)
        ]

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds that events bring about; returns whether it does."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._events.clear()

    def _note(
        self, at: datetime, way: Way, name: str, room: str, kind: str, caller: str,
        heard_by: tuple[str, ...], payload: Any,
    ) -> None:  # fmt: skip
        said = _storable(_written(payload)[:_LONGEST])
        name = _storable(name[:_LONGEST_NAME])
        self._events.append(
            SocketEvent(next(self._ids), at, way, name, room, kind, caller, heard_by, said)
        )
        self._news.set()
        self._news = asyncio.Event()


def _written(payload: Any) -> str:
    try:
        return json.dumps(payload, default=str, ensure_ascii=False)
    except (ValueError, RecursionError) as error:  # nested too deep, or too many digits
        return f"(a {type(payload).__name__} that is not JSON: {error})"


def _storable(text: str) -> str:
    """The text without what no encoding has, such as half a character."""
    return text.encode(errors="replace").decode()
