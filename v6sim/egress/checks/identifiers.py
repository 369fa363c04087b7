"""identifier: what tells people apart, by the data, by its name or by its form."""

import re
from collections.abc import Iterator

from v6sim.egress.checks.matches import Candidate, Hits
from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.checks.search import Search
from v6sim.egress.content import Content, Leaf
from v6sim.egress.local_data import LocalData
from v6sim.egress.names import is_identifier

_E_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)*\.[A-Za-z]{2,}\b")
_PHONE = re.compile(r"(?<![\w.:/-])(?:\+\d{1,3}[ -]?|0)\d(?:[ -]?\d){7,10}(?![\w.:/-])")
_NINE_DIGITS = re.compile(r"(?<![\w.-])\d{9}(?![\w.-])")


def identifier(
    content: Content, known: LocalData, limits: Thresholds, search: Search
) -> Iterator[Finding]:
    """Values of identifying columns, values under identifying names, addresses and numbers."""
    hits = Hits()
    named: dict[str, Leaf] = {}
    texts: set[str] = set()
    for leaf in content.leaves:
        for value, is_part in search.matches(leaf):
            candidate = Candidate(value, leaf, is_part)
            place = known.identifiers.get(candidate.value)
            if place and _is_telling(candidate, place.column, known, limits):
                hits.add(place, candidate)
        if _is_named_so(leaf, known):
            named.setdefault(leaf.keys[-1], leaf)
        if isinstance(leaf.value, str) and leaf.value not in texts:
            texts.add(leaf.value)
            yield from _forms(leaf.value, leaf)
    yield from hits.findings("identifier", "that tell people apart")
    for name, leaf in named.items():
        yield Finding("identifier", f"a value is called {name!r}", leaf.where)


def _is_telling(candidate: Candidate, column: str, known: LocalData, limits: Thresholds) -> bool:
    """Whether it is the identifier, not a number or word that happens to be the same."""
    if column in candidate.leaf.keys[-1:]:
        return True
    value = candidate.value
    if isinstance(value, str):
        plain = limits.min_text + candidate.is_part
        has_digits = any(letter.isdigit() for letter in value)
        return len(value) >= plain - has_digits and value not in known.names
    return len(f"{abs(value):.15g}") >= limits.min_digits + candidate.is_part


def _is_named_so(leaf: Leaf, known: LocalData) -> bool:
    if leaf.is_key or not leaf.keys or isinstance(leaf.value, bool) or leaf.value == "":
        return False
    return is_identifier(leaf.keys[-1]) and leaf.value not in known.names


def _forms(text: str, leaf: Leaf) -> Iterator[Finding]:
    for what, found in (
        ("an e-mail address", _E_MAIL.search(text)),
        ("a telephone number", _PHONE.search(text)),
        ("a citizen service number (BSN)", next(_service_numbers(text), None)),
    ):
        if found:
            yield Finding("identifier", f"{what}: {found[0]}", leaf.where)


def _service_numbers(text: str) -> Iterator[re.Match[str]]:
    """Numbers of nine digits that pass the test of eleven."""
    for found in _NINE_DIGITS.finditer(text):
        *first, last = (int(digit) for digit in found[0])
        weighted = sum(weight * digit for weight, digit in zip(range(9, 1, -1), first, strict=True))
        if weighted and (weighted - last) % 11 == 0:
            yield found
