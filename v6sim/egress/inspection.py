"""Entries with their content and findings, as tests, programs and people get them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.checks.rules import check
from v6sim.egress.entries import Entry
from v6sim.egress.ledger import Ledger
from v6sim.egress.local_data import LocalData, known_of
from v6sim.egress.reading import Reading, read
from v6sim.wire.plain import plain

_SHORT = 200  # characters of a content that is not shown in full


@dataclass(frozen=True)
class Inspection:
    """An entry, read and checked once somebody asks.

    Args:
        entry: what left.
        names: names of organizations, by id.
        limits: from where on something is found.
    """

    entry: Entry
    names: Mapping[int, str]
    limits: Thresholds

    @property
    def organization(self) -> str:
        """Name of the organization that it left."""
        return self.entry.origin.organization

    @property
    def receivers(self) -> list[str]:
        """Names of those it is for."""
        found = [
            self.names.get(key, f"organization {key}") if isinstance(key, int) else repr(key)
            for key in self.entry.receivers  # algorithms may name anything
        ]
        return found or ["server"]

    @cached_property
    def reading(self) -> Reading:
        """Its content."""
        return read(self.entry)

    @cached_property
    def findings(self) -> list[Finding]:
        """What the checks find in it."""
        return check(self.reading, self._known, self.limits)

    @property
    def unchecked(self) -> list[str]:
        """Databases that it could not be compared with, and why."""
        return self._known.problems

    @property
    def _known(self) -> LocalData:
        return known_of(self.entry.origin.databases)

    def row(self, *, full: bool = False) -> dict[str, Any]:
        """It as JSON, for programs.

        Args:
            full: whether with all of the content, also as a value; else with its beginning.
        """
        entry, reading = self.entry, self.reading
        row: dict[str, Any] = {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "organization": self.organization,
            "collaboration": entry.origin.collaboration,
            "node": entry.origin.node,
            "task": entry.task_id,
            "run": entry.run_id,
            "what": entry.kind,
            "to": self.receivers,
            "bytes": entry.size,
            "times": entry.times,
            "format": reading.form,
            "content": reading.text if full else reading.text[:_SHORT],
            "is_cut": not full and len(reading.text) > _SHORT,
            "problem": reading.problem or None,
            "findings": [
                {"rule": each.rule, "text": each.text, "where": each.where}
                for each in self.findings
            ],
            "unchecked": self.unchecked,
        }
        if full:
            row["value"] = plain(reading.value)
        return row


def inspect(
    ledger: Ledger,
    names: Mapping[int, str],
    task_id: int | None = None,
    min_count: int | None = None,
) -> list[Inspection]:
    """What left, the oldest first.

    Args:
        ledger: where it is written down.
        names: names of organizations, by id.
        task_id: the task that it left because of, or one below it; None for all there is.
        min_count: counts below it are found; default is that of `Thresholds`.
    """
    entries: Iterable[Entry] = ledger if task_id is None else ledger.of_task(task_id)
    limits = Thresholds() if min_count is None else Thresholds(min_count=min_count)
    return [Inspection(entry, names, limits) for entry in entries]
