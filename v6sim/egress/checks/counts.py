"""small-count: counts of few."""

import re
from collections.abc import Iterator

from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.content import Content, Leaf
from v6sim.egress.local_data import LocalData
from v6sim.egress.names import is_count

_IN_TEXT = re.compile(r"\b([A-Za-z]\w*)['\"]?\s*[=:]\s*(\d{1,9})(?![\w.])")


def small_count(content: Content, _known: LocalData, limits: Thresholds) -> Iterator[Finding]:
    """Numbers that are counts by their names, above zero and below the minimum."""
    for leaf in content.leaves:
        for name, count in _counts(leaf):
            if 0 < count < limits.min_count:
                text = f"{name} is {count}, below {limits.min_count}"
                yield Finding("small-count", text, leaf.where)


def _counts(leaf: Leaf) -> Iterator[tuple[str, int]]:
    if isinstance(leaf.value, bool):
        return
    if isinstance(leaf.value, str):
        for name, number in _IN_TEXT.findall(leaf.value):
            if is_count((name,)):
                yield name, int(number)
    elif float(leaf.value).is_integer() and is_count(leaf.keys):
        yield leaf.keys[-1], int(leaf.value)
