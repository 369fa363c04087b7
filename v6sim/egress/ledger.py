"""The ledger: all that left, in order, within bounds."""

import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

from v6sim.egress.entries import Entry, Origin
from v6sim.node.departures import REQUESTS, Departure

MOST_ENTRIES = 10_000
MOST_BYTES = 64 * 2**20
_SMALL = 4096
"""Bytes up to which a request is compared with those before it: polls are one entry."""

_Key = tuple[str, int | None, bytes]


class Ledger:
    """What left some nodes; it may be written and read from several threads.

    It only appends: what has left is decoded and checked by who reads it. Past its bounds the
    oldest go: contents first, which leaves entries that tell of them.

    Args:
        most_entries: how many entries it keeps.
        most_bytes: how many bytes of contents it keeps, all together.
    """

    def __init__(self, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._entries: deque[Entry] = deque()
        self._full: deque[Entry] = deque()
        """Those whose contents are kept."""
        self._bytes = self._last = 0
        self._requests: dict[_Key, Entry] = {}
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Entry]:
        """All entries, the oldest first."""
        with self._lock:
            return iter(tuple(self._entries))

    def of_task(self, task_id: int) -> list[Entry]:
        """What left because of a task and all tasks below it."""
        wanted, entries = {task_id}, list(self)
        for entry in entries:  # a task is made after its parent
            if entry.parent_id in wanted and entry.task_id is not None:
                wanted.add(entry.task_id)
        return [entry for entry in entries if entry.task_id in wanted]

    def note(self, departure: Departure, origin: Origin, at: datetime | None = None) -> Entry:
        """Write a departure down; a small request that was made before only counts up.

        Args:
            departure: what leaves.
            origin: where.
            at: when; default is now.

        Returns:
            Its entry; `times` is more than 1 if it is an older one.
        """
        key = (origin.node, departure.run_id, departure.content)
        is_comparable = departure.kind in REQUESTS and len(departure.content) <= _SMALL
        with self._lock:
            if is_comparable and (known := self._requests.get(key)):
                known.times += 1
                return known
            self._last += 1
            entry = Entry.of(self._last, at or datetime.now(UTC), origin, departure)
            if is_comparable:
                self._requests[key] = entry
            self._append(entry)
        return entry

    def clear(self) -> None:
        """Forget everything: ids are about to be given out anew."""
        with self._lock:
            self._entries.clear()
            self._full.clear()
            self._requests.clear()
            self._bytes = self._last = 0

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        if entry.size > self._most_bytes:
            entry.content = None
        else:
            self._full.append(entry)
            self._bytes += entry.size
        while self._bytes > self._most_bytes:
            self._empty(self._full.popleft())
        while len(self._entries) > self._most_entries:
            oldest = self._entries.popleft()
            if self._full and self._full[0] is oldest:
                self._empty(self._full.popleft())

    def _empty(self, entry: Entry) -> None:
        assert entry.content is not None
        self._requests.pop((entry.origin.node, entry.run_id, entry.content), None)
        self._bytes -= entry.size
        entry.content = None
