"""unique-value: values that are in exactly one row of the local data."""

from collections.abc import Iterator

from v6sim.egress.checks.matches import Candidate, Hits, is_telling
from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.checks.search import Search
from v6sim.egress.content import Content
from v6sim.egress.local_data import LocalData


def unique_value(
    content: Content, known: LocalData, limits: Thresholds, search: Search
) -> Iterator[Finding]:
    """Values that are in exactly one row of a column."""
    hits = Hits()
    for leaf in content.leaves:
        for value, is_part in search.matches(leaf):
            candidate = Candidate(value, leaf, is_part)
            place = known.unique.get(candidate.value)
            if place and is_telling(candidate, known, limits):
                hits.add(place, candidate)
    yield from hits.findings("unique-value", "that one row alone has")
