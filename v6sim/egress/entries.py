"""What the ledger keeps of each departure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from v6sim.node.departures import Departure

DROPPED = "dropped entries"
"""The kind of the one entry that stands for all that are no longer kept."""


@dataclass(frozen=True)
class Origin:
    """Where something left.

    Args:
        node: name of the node.
        organization: name of its organization.
        collaboration: name of its collaboration.
        databases: its databases, path or address by label.
    """

    node: str
    organization: str
    collaboration: str
    databases: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass
class Entry:
    """One departure in the ledger.

    Args:
        number: counts entries from 1 on.
        at: when it left, in UTC; of what left several times, the first.
        origin: what it left.
        kind: what it is: "subtask input", "request", "refused request", "result" or "log"; or it
            stands for entries that are no longer kept (`DROPPED`), as many as `times` says.
        run_id: the run that it comes from; None if that is not known.
        task_id: the task of that run.
        parent_id: that task's parent.
        receivers: ids of the organizations that it is for; empty for the server itself.
        size: how many bytes it has.
        content: these bytes; None once they are no longer kept.
        times: how often the very same left.
    """

    number: int
    at: datetime
    origin: Origin
    kind: str
    run_id: int | None
    task_id: int | None
    parent_id: int | None
    receivers: tuple[int, ...]
    size: int
    content: bytes | None = field(repr=False)
    times: int = 1

    @classmethod
    def of(cls, number: int, at: datetime, origin: Origin, departure: Departure) -> "Entry":
        """An entry for a departure."""
        return cls(
            number=number,
            at=at,
            origin=origin,
            kind=departure.kind,
            run_id=departure.run_id,
            task_id=departure.task_id,
            parent_id=departure.parent_id,
            receivers=departure.receivers,
            size=len(departure.content),
            content=departure.content,
        )

    @classmethod
    def of_dropped(cls, at: datetime) -> "Entry":
        """The entry for one that is no longer kept."""
        origin = Origin("", "all organizations", "")
        return cls(0, at, origin, DROPPED, None, None, None, (), 0, None)
