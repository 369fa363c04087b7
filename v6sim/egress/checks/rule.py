"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from v6sim.egress.checks.search import Search
from v6sim.egress.content import Content
from v6sim.egress.local_data import LocalData


@dataclass(frozen=True)
class Thresholds:
    """From where on something is found.

    Args:
        min_count: counts below it, but above zero, are found.
        min_rows: a column is found by its length alone if it has so many values.
        min_digits: significant digits of a number that one row may be known by.
        min_text: characters of such a text; one more where it stands in a longer text.
    """

    min_count: int = 5
    min_rows: int = 10
    min_digits: int = 3
    min_text: int = 3


@dataclass(frozen=True)
class Finding:
    """Something that should perhaps not have left.

    Args:
        rule: the name of the rule.
        text: what was found, for people.
        where: where in the content; empty for the whole of it.
    """

    rule: str
    text: str
    where: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}" + (f" (at {self.where})" if self.where else "")


Check = Callable[[Content, LocalData, Thresholds, Search], Iterator[Finding]]
"""Takes a search too, whose budget stops what looks at too much."""
