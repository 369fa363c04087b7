"""small-count: counts of few."""

import re
from collections.abc import Iterable, Iterator
from math import isfinite

from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.checks.search import Search
from v6sim.egress.content import Content, Leaf
from v6sim.egress.local_data import LocalData
from v6sim.egress.names import is_count
from v6sim.wire.budget import Budget

_IN_TEXT = re.compile(r"\b([A-Za-z]\w*)['\"]?\s*[=:]\s*(\d{1,9})(?![\w.])")


def small_count(
    content: Content, _known: LocalData, limits: Thresholds, search: Search
) -> Iterator[Finding]:
    """Numbers that are counts by their names, above zero and below the minimum."""
    found: dict[str, list[tuple[Leaf, int]]] = {}
    texts: dict[str, list[tuple[str, int]]] = {}
    for leaf in content.leaves:
        for name, count in _counts(leaf, texts, search.budget):
            if 0 < count < limits.min_count:
                found.setdefault(name, []).append((leaf, count))
    for name, places in found.items():
        text = f"{name} is {_listed(count for _, count in places)}, below {limits.min_count}"
        if len(places) > 1:
            text += f", in {len(places)} places"
        yield Finding("small-count", text, places[0][0].where)


def _listed(counts: Iterable[int]) -> str:
    return " or ".join(str(count) for count in sorted(set(counts)))


def _counts(
    leaf: Leaf, texts: dict[str, list[tuple[str, int]]], budget: Budget
) -> Iterable[tuple[str, int]]:
    """The counts in a leaf; those in texts are looked up where a text comes again."""
    value = leaf.value
    if isinstance(value, str):
        if value not in texts:
            texts[value] = list(_counts_in(value, budget))
        return texts[value]
    if not isinstance(value, bool) and is_count(leaf.keys) and _is_whole(value):
        return [(leaf.keys[-1], int(value))]
    return ()


def _counts_in(text: str, budget: Budget) -> Iterator[tuple[str, int]]:
    for found in _IN_TEXT.finditer(text):
        budget.take_values()
        if is_count((found[1],)):
            yield found[1], int(found[2])


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or (isfinite(value) and value.is_integer())
