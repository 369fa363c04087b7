"""Finding values of the data again in what leaves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isclose

from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.leaves import Leaf
from v6sim.egress.local_data import LocalData, Place
from v6sim.egress.names import is_count

_SHOWN = 3  # examples in a finding


@dataclass(frozen=True)
class Candidate:
    """A value in what leaves, in the form in which it is compared.

    Args:
        value: it.
        leaf: where it stands.
        is_part: whether it is a part of a longer text.
    """

    value: str | float
    leaf: Leaf
    is_part: bool = False


def is_telling(candidate: Candidate, known: LocalData, limits: Thresholds) -> bool:
    """Whether a value is not likely to be what it is by chance."""
    value = candidate.value
    if isinstance(value, str):
        least = limits.min_text + candidate.is_part
        return len(value) >= least and value not in known.names
    if is_count(candidate.leaf.keys):
        return False
    least = limits.min_digits + (candidate.is_part and value.is_integer())
    if digits(value) < least:
        return False
    return not any(isclose(value, other, rel_tol=1e-9) for other in known.aggregates)


def digits(number: float) -> int:
    """Significant digits of a number; zeros at its end do not count."""
    plain = repr(number).lower().partition("e")[0].lstrip("-").removesuffix(".0")
    if "." not in plain:
        plain = plain.rstrip("0")
    return len(plain.replace(".", "").lstrip("0"))


@dataclass
class Hits:
    """Values of the data that were found again, by column."""

    found: dict[Place, dict[str | float, Leaf]] = field(default_factory=dict)

    def add(self, place: Place, candidate: Candidate) -> None:
        """Note one."""
        self.found.setdefault(place, {}).setdefault(candidate.value, candidate.leaf)

    def findings(self, rule: str, what: str) -> Iterator[Finding]:
        """One finding for each column."""
        for place, values in self.found.items():
            shown = ", ".join(_shown(value) for value in list(values)[:_SHOWN])
            more = ", ..." if len(values) > _SHOWN else ""
            noun = "value" if len(values) == 1 else "values"
            text = f"{len(values)} {noun} of {place} {what}: {shown}{more}"
            yield Finding(rule, text, next(iter(values.values())).where)


def _shown(value: str | float) -> str:
    return repr(value) if isinstance(value, str) else f"{value:.15g}"
