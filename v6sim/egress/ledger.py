"""The ledger: all that left, in order, within bounds."""

import math
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from v6sim.egress.entries import DROPPED, Entry, Origin
from v6sim.node.departures import REFUSED, REQUESTS, Departure

MOST_ENTRIES = 10_000
MOST_BYTES = 64 * 2**20
MOST_REFUSED = 100
"""Different refused requests of one run that are kept; further ones are counted together."""
_FURTHER = b"further refused requests\n"
_SMALL = 4096
"""Bytes up to which a request is compared with those before it: polls are one entry."""

_Key = tuple[str, int | None, bytes]


class Ledger:
    """What left some nodes; it may be written and read from several threads.

    It only appends: what has left is decoded and checked by who reads it. Past its bounds the
    oldest go: contents first, which leaves entries that tell of them; then entries, requests
    before all others, which leaves one that counts them.

    Args:
        most_entries: how many entries it keeps.
        most_bytes: how many bytes of contents it keeps, all together.
    """

    def __init__(self, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._full: dict[int, Entry] = {}
        """Those whose contents are kept."""
        self._asked: dict[int, Entry] = {}
        """Those that are requests."""
        self._bytes = self._last = 0
        self._known: dict[_Key, Entry] = {}
        """Small requests, by what they are."""
        self._refused: Counter[tuple[str, int | None]] = Counter()
        self._dropped: Entry | None = None
        self._dropped_task = 0.0
        """The last task of which an entry was dropped; infinity if it is not known of which."""

    def __iter__(self) -> Iterator[Entry]:
        """All entries, the oldest first; before them one for those that were dropped, if any."""
        with self._lock:
            entries = list(self._entries.values())
            return iter([self._dropped, *entries] if self._dropped else entries)

    def of_task(self, task_id: int) -> list[Entry]:
        """What left because of a task and all tasks below it."""
        wanted, entries = {task_id}, list(self)
        for entry in entries:  # a task is made after its parent
            if entry.parent_id in wanted and entry.task_id is not None:
                wanted.add(entry.task_id)
        is_cut = task_id <= self._dropped_task
        return [
            entry
            for entry in entries
            if (is_cut if entry.kind == DROPPED else entry.task_id in wanted)
        ]

    def note(self, departure: Departure, origin: Origin, at: datetime | None = None) -> Entry:
        """Write a departure down; a small request that was made before only counts up.

        Args:
            departure: what leaves.
            origin: where.
            at: when; default is now.

        Returns:
            Its entry; `times` is more than 1 if it is an older one.
        """
        is_request = departure.kind in REQUESTS
        with self._lock:
            key = (origin.node, departure.run_id, departure.content)
            if departure.kind == REFUSED and key not in self._known:
                self._refused[key[:2]] += 1
                if self._refused[key[:2]] > MOST_REFUSED:
                    departure = replace(departure, content=_FURTHER)
                    key = (*key[:2], _FURTHER)
            is_comparable = is_request and len(departure.content) <= _SMALL
            if is_comparable and (known := self._known.get(key)):
                known.times += 1
                return known
            self._last += 1
            entry = Entry.of(self._last, at or datetime.now(UTC), origin, departure)
            if is_comparable:
                self._known[key] = entry
            if is_request:
                self._asked[entry.number] = entry
            self._append(entry)
        return entry

    def clear(self) -> None:
        """Forget everything: ids are about to be given out anew."""
        with self._lock:
            self._reset()

    def _append(self, entry: Entry) -> None:
        self._entries[entry.number] = entry
        if entry.size > self._most_bytes:
            entry.content = None
        else:
            self._full[entry.number] = entry
            self._bytes += entry.size
        while self._bytes > self._most_bytes:
            self._empty(next(iter(self._full.values())))
        while len(self._entries) > self._most_entries:
            self._drop(next(iter((self._asked or self._entries).values())))

    def _empty(self, entry: Entry) -> None:
        assert entry.content is not None
        del self._full[entry.number]
        self._known.pop((entry.origin.node, entry.run_id, entry.content), None)
        self._bytes -= entry.size
        entry.content = None

    def _drop(self, entry: Entry) -> None:
        if entry.number in self._full:
            self._empty(entry)
        del self._entries[entry.number]
        self._asked.pop(entry.number, None)
        last = math.inf if entry.task_id is None else entry.task_id
        self._dropped_task = max(self._dropped_task, last)
        if self._dropped is None:
            self._dropped = Entry.of_dropped(entry.at)
        else:
            self._dropped.times += 1
