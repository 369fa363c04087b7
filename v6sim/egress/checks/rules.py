"""All rules, by name, and how they are applied."""

from collections.abc import Iterator

from v6sim.egress.checks.counts import small_count
from v6sim.egress.checks.identifiers import identifier
from v6sim.egress.checks.lengths import row_length
from v6sim.egress.checks.rule import Check, Finding, Thresholds
from v6sim.egress.checks.values import unique_value
from v6sim.egress.content import Content, take_apart
from v6sim.egress.local_data import LocalData
from v6sim.egress.reading import Reading

RULES: dict[str, Check] = {
    "unique-value": unique_value,
    "row-length": row_length,
    "small-count": small_count,
    "identifier": identifier,
}
UNREADABLE = "unreadable"
"""The rule of what none of the others can be applied to."""


def check(reading: Reading, known: LocalData, limits: Thresholds) -> list[Finding]:
    """What all rules find in what left.

    Args:
        reading: what left.
        known: the data of the organization that it left.
        limits: from where on something is found.
    """
    content = take_apart(reading.value)
    found = [each for rule in RULES.values() for each in rule(content, known, limits)]
    return [*found, *_unreadable(reading, content)]


def _unreadable(reading: Reading, content: Content) -> Iterator[Finding]:
    if reading.problem:
        yield Finding(UNREADABLE, f"it was not checked: {reading.problem}", "")
    if not content.is_whole:
        yield Finding(UNREADABLE, "it is so large that only its beginning was checked", "")
    for where in content.opaque:
        yield Finding(UNREADABLE, "bytes that cannot be read were not checked", where)
