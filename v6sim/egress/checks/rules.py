"""All rules, by name, and how they are applied."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from v6sim.egress.checks.counts import small_count
from v6sim.egress.checks.identifiers import identifier
from v6sim.egress.checks.lengths import row_length
from v6sim.egress.checks.rule import Check, Finding, Thresholds
from v6sim.egress.checks.search import Search
from v6sim.egress.checks.values import unique_value
from v6sim.egress.content import Content, take_apart
from v6sim.egress.local_data import LocalData
from v6sim.egress.reading import Reading
from v6sim.wire.budget import Budget
from v6sim.wire.limits import TO_SHOW, PayloadTooLarge

RULES: dict[str, Check] = {
    "unique-value": unique_value,
    "row-length": row_length,
    "small-count": small_count,
    "identifier": identifier,
}
UNREADABLE = "unreadable"
"""The rule of what none of the others can be applied to."""

NOT_FULLY_CHECKED = "not-fully-checked"
"""The rule of what the others were applied to only in part."""

_SECONDS, _LOOKS = 5.0, 20_000_000
"""How long all rules may take for what left, and at how much they look."""

_MOST, _LONGEST = 100, 500
"""Findings of one rule, and characters of one."""


def check(
    reading: Reading, known: LocalData, limits: Thresholds, seconds: float = _SECONDS
) -> list[Finding]:
    """Return what all rules find in what left.

    Args:
        reading: what left.
        known: the data of the organization that it left.
        limits: from where on something is found.
        seconds: how long that may take; what was not looked at by then is a finding, too.
    """
    allowed = replace(TO_SHOW, seconds=min(seconds, _SECONDS))
    content = take_apart(reading.value, allowed)
    budget = Budget(replace(allowed, values=_LOOKS))
    search = Search(known, budget)
    found: list[Finding] = []
    stopped = dict.fromkeys(text for text in (reading.stopped, content.stopped) if text)
    for rule in RULES.values():
        try:
            found += _first(rule(content, known, limits, search))
        except PayloadTooLarge as error:
            stopped[_said(error, budget)] = None
            break
    return [*found, *_unreadable(reading, content), *_unchecked(stopped)]


def _first(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The first findings of a rule, and how many more there are."""
    last = ""
    for found in islice(findings, _MOST):
        last = found.rule
        yield replace(found, text=_short(found.text))
    if more := sum(1 for _ in findings):
        yield Finding(last, f"{more:,} more findings like these", "")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _said(error: PayloadTooLarge, budget: Budget) -> str:
    if budget.values > _LOOKS:
        return f"stopped after {_LOOKS:,} words and values"
    return error.stopped


def _unreadable(reading: Reading, content: Content) -> Iterator[Finding]:
    if reading.problem and not reading.stopped:
        yield Finding(UNREADABLE, f"it was not checked: {reading.problem}", "")
    for where in content.opaque:
        yield Finding(UNREADABLE, "bytes that cannot be read were not checked", where)


def _unchecked(stopped: Iterable[str]) -> Iterator[Finding]:
    if text := ", ".join(stopped):
        yield Finding(NOT_FULLY_CHECKED, f"only a part of it was checked: {text}", "")
