"""Entries with their content and findings, as tests, programs and people get them."""

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.checks.rules import check
from v6sim.egress.entries import Entry
from v6sim.egress.ledger import Ledger
from v6sim.egress.local_data import LocalData, known_of
from v6sim.egress.reading import Reading, read, unread
from v6sim.egress.row import receivers_of, row_of
from v6sim.wire.limits import TO_SHOW, UnreadablePayload
from v6sim.wire.plain import plain

_VALUE = replace(TO_SHOW, made_bytes=4 * 2**20)
"""How large a value may be that goes with an entry as JSON."""


@dataclass(frozen=True)
class Inspection:
    """An entry, read and checked once somebody asks.

    Args:
        entry: what left.
        names: names of organizations, by id.
        limits: from where on something is found.
        end: the time, as `time.monotonic` tells it, until which it is read and checked.
    """

    entry: Entry
    names: Mapping[int, str]
    limits: Thresholds
    end: float = math.inf

    @property
    def organization(self) -> str:
        """Name of the organization that it left."""
        return self.entry.origin.organization

    @property
    def receivers(self) -> list[str]:
        """Names of those it is for."""
        return receivers_of(self.entry, self.names)

    @cached_property
    def reading(self) -> Reading:
        """Its content."""
        if self._seconds <= 0:
            return unread("the time for all that left was over")
        return read(self.entry, TO_SHOW.within(self._seconds))

    @cached_property
    def findings(self) -> list[Finding]:
        """What the checks find in it."""
        reading = self.reading
        return check(reading, self._known, self.limits, self._seconds)

    @property
    def unchecked(self) -> list[str]:
        """Databases that it could not be compared with, and why."""
        return self._known.problems

    @property
    def _known(self) -> LocalData:
        return known_of(self.entry.origin.databases)

    @property
    def _seconds(self) -> float:
        return self.end - time.monotonic()

    def row(self, *, full: bool = False, longest: int | None = None) -> dict[str, Any]:
        """It as JSON, for programs.

        Args:
            full: whether with all of the content that is shown, also as a value; else with its
                beginning.
            longest: how many characters of the content, if that is less.
        """
        row = row_of(self.entry, self.names, self.reading, full=full, longest=longest)
        row["findings"] = [
            {"rule": each.rule, "text": each.text, "where": each.where} for each in self.findings
        ]
        row["unchecked"] = self.unchecked
        if full and longest is None:
            row["value"] = self._value()
        return row

    def _value(self) -> Any:
        """The value, if it can be shown whole."""
        if self.reading.stopped:
            return None
        try:
            return plain(self.reading.value, _VALUE)
        except UnreadablePayload:
            return None


def within(inspections: Iterable[Inspection], seconds: float) -> list[Inspection]:
    """Return the same inspections, with a limit of time for reading and checking all of them.

    Args:
        inspections: what left.
        seconds: how long, from now on; reading the local data takes none of it.
    """
    found = list(inspections)
    for databases in {tuple(each.entry.origin.databases.items()) for each in found}:
        known_of(dict(databases))
    end = time.monotonic() + seconds
    return [replace(each, end=end) for each in found]


def inspect(
    ledger: Ledger | Iterable[Entry],
    names: Mapping[int, str],
    task_id: int | None = None,
    min_count: int | None = None,
) -> list[Inspection]:
    """What left, the oldest first.

    Args:
        ledger: where it is written down; or some entries of it.
        names: names of organizations, by id.
        task_id: the task that it left because of, or one below it; None for all there is.
        min_count: counts below it are found; default is that of `Thresholds`.
    """
    entries: Iterable[Entry] = ledger
    if task_id is not None:
        assert isinstance(ledger, Ledger), "only a ledger knows tasks"
        entries = ledger.of_task(task_id)
    limits = Thresholds() if min_count is None else Thresholds(min_count=min_count)
    return [Inspection(entry, names, limits) for entry in entries]
