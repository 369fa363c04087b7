"""The decisions of late, for people who ask why."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice

from v6sim.server.access.decisions import Decision

_KEPT = 1000  # decisions


@dataclass(frozen=True)
class Record:
    """A decision, and the request for which it was taken.

    Args:
        id: by which it is found again.
        at: when it was taken.
        request: method and path.
        decision: the decision.
    """

    id: int
    at: datetime
    request: str
    decision: Decision


class Records:
    """Keeps the last thousand decisions."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=_KEPT)
        self._ids = count(1)

    @property
    def last(self) -> int:
        """The id of the newest decision; 0 if there is none."""
        return self._records[-1].id if self._records else 0

    def note(self, at: datetime, request: str, decision: Decision) -> Record:
        """Keep a decision."""
        record = Record(next(self._ids), at, request, decision)
        self._records.append(record)
        return record

    def look(self, key: int) -> Record | None:
        """The decision of that id, if it is still kept."""
        if not self._records or key < self._records[0].id or key > self._records[-1].id:
            return None
        return self._records[key - self._records[0].id]

    def clear(self) -> None:
        """Forget all; ids go on."""
        self._records.clear()

    def recent(self, most: int, *, refused_only: bool = False) -> list[Record]:
        """The newest decisions, the newest first."""
        return list(islice(self._newest(refused_only=refused_only), most))

    def _newest(self, *, refused_only: bool) -> Iterator[Record]:
        for record in reversed(self._records):
            if not refused_only or not record.decision.allowed:
                yield record
