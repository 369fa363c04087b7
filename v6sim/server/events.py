"""What happened on the server, as values; who wants to know subscribes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True)
class TaskCreated(Event):
    """A task was stored, with its runs."""

    task_id: int
    job_id: int
    collaboration_id: int
    initiator_id: int | None
    organizations: tuple[int, ...]


@dataclass(frozen=True)
class RunUpdated(Event):
    """A node reported on a run."""

    run_id: int
    task_id: int
    collaboration_id: int | None
    status: str | None
    has_ended: bool = False
    completes_task: bool = False


@dataclass(frozen=True)
class RunLogged(Event):
    """An algorithm printed something; `offset` is how many characters it had printed before."""

    run_id: int
    task_id: int
    offset: int
    text: str


@dataclass(frozen=True)
class RunToKill:
    """A run that its node has to stop."""

    task_id: int
    run_id: int
    organization_id: int | None


@dataclass(frozen=True)
class KillRequested(Event):
    """Runs are to be stopped: those listed, or all of one node."""

    collaboration_id: int | None
    runs: tuple[RunToKill, ...] = ()
    node_id: int | None = None


@dataclass(frozen=True)
class TaskDeleted(Event):
    """A task and its runs are gone."""

    task_id: int


@dataclass(frozen=True)
class MailWritten(Event):
    """The server has something to say to somebody by mail."""

    to: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True)
class PresenceChanged(Event):
    """A user or node has come online, or is so no longer."""

    identity_id: int
    is_online: bool


@dataclass(frozen=True)
class WorldReset(Event):
    """The server went back to its starting world."""


Subscriber = Callable[[Event], None]


class Events:
    """Hands each event to all who subscribed, in the order of subscription."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have `subscriber` called with each event; the returned function ends that."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def publish(self, event: Event) -> None:
        """Tell everybody."""
        for subscriber in tuple(self._subscribers):
            subscriber(event)
