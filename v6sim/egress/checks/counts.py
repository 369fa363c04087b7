"""small-count: counts of few."""

import re
from collections.abc import Iterable, Iterator
from math import isfinite

from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.content import Content, Leaf
from v6sim.egress.local_data import LocalData
from v6sim.egress.names import is_count

_IN_TEXT = re.compile(r"\b([A-Za-z]\w*)['\"]?\s*[=:]\s*(\d{1,9})(?![\w.])")


def small_count(content: Content, _known: LocalData, limits: Thresholds) -> Iterator[Finding]:
    """Numbers that are counts by their names, above zero and below the minimum."""
    found: dict[str, dict[str, int]] = {}
    for leaf in content.leaves:
        for name, count in _counts(leaf):
            if 0 < count < limits.min_count:
                found.setdefault(name, {})[leaf.where] = count
    for name, places in found.items():
        text = f"{name} is {_listed(places.values())}, below {limits.min_count}"
        if len(places) > 1:
            text += f", in {len(places)} places"
        yield Finding("small-count", text, next(iter(places)))


def _listed(counts: Iterable[int]) -> str:
    return " or ".join(str(count) for count in sorted(set(counts)))


def _counts(leaf: Leaf) -> Iterator[tuple[str, int]]:
    if isinstance(leaf.value, bool):
        return
    if isinstance(leaf.value, str):
        for name, number in _IN_TEXT.findall(leaf.value):
            if is_count((name,)):
                yield name, int(number)
    elif is_count(leaf.keys) and isfinite(leaf.value) and leaf.value % 1 == 0:
        yield leaf.keys[-1], int(leaf.value)
