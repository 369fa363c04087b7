"""unique-value: values that are in exactly one row of the local data."""

from collections.abc import Iterator

from v6sim.egress.checks.matches import Hits, candidates, is_telling
from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.content import Content
from v6sim.egress.local_data import LocalData
from v6sim.wire.limits import Budget


def unique_value(
    content: Content, known: LocalData, limits: Thresholds, budget: Budget
) -> Iterator[Finding]:
    """Values that are in exactly one row of a column."""
    hits = Hits()
    for leaf in content.leaves:
        for candidate in candidates(leaf, known.phrases, budget):
            place = known.unique.get(candidate.value)
            if place and is_telling(candidate, known, limits):
                hits.add(place, candidate)
    yield from hits.findings("unique-value", "that one row alone has")
