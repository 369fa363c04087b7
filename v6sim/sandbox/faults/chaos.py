"""Faults drawn by chance: the same ones for the same seed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, get_args

from v6sim.sandbox.arguments import UnknownName
from v6sim.sandbox.faults.catalog import DATA, WORK
from v6sim.server.faults import Kind
from v6sim.world.nearest import choices

KINDS = tuple(
    f"{part}.{name}"
    for part, names in {"node": WORK, "data": DATA, "server": get_args(Kind)}.items()
    for name in names
)
"""All that may be drawn."""

_PATHS = ("/task", "/task/*", "/result", "/result/*", "/organization*", "/token/*")
_STATUSES = (429, 500, 502, 503)
_LASTING = {
    "node.never_answers", "node.slow", "node.dies_in_run", "node.reports_late", "server.slow",
}  # fmt: skip
_OF_COLUMNS = {"data.without_column", "data.other_types"}

Columns = Mapping[str, Sequence[str]]
"""The columns of the data of each organization; empty for data that cannot be spoilt."""


@dataclass(frozen=True)
class Draw:
    """One fault of a chaos.

    Args:
        kind: what goes wrong, such as `node.slow`.
        where: the organization, or the path of requests.
        options: further fields of the fault.
    """

    kind: str
    where: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """Whose fault it is: `node`, `data` or `server`."""
        return self.kind.partition(".")[0]

    @property
    def name(self) -> str:
        """The fault's name among those of that part."""
        return self.kind.partition(".")[2]

    def __str__(self) -> str:
        """As messages show it."""
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"{self.kind} at {self.where}{options}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What may be drawn.

    Args:
        faults: how many.
        kinds: of which kinds: parts (`node`, `data`, `server`), or single ones of `KINDS`.
        within: each strikes at one of the first so many occasions: runs of a node, or requests.
        longest: how many seconds what lasts does so at most.
    """

    faults: int = 3
    kinds: Collection[str] = ("node", "data", "server")
    within: int = 3
    longest: float = 0.5

    def chosen(self) -> list[str]:
        """The single kinds.

        Raises:
            UnknownName: there is no such kind.
            ValueError: nothing can be drawn.
        """
        if not self.kinds or self.faults < 0 or self.within < 1 or self.longest < 0:
            raise ValueError(f"nothing can be drawn from {self}")
        for kind in self.kinds:
            if kind not in KINDS and kind not in ("node", "data", "server"):
                raise UnknownName(f"there is no fault {kind!r}; {choices(kind, KINDS)}")
        return [each for each in KINDS if {each, each.partition(".")[0]} & set(self.kinds)]


def draw(seed: int, columns: Columns, limits: Limits) -> list[Draw]:
    """Draw faults.

    Args:
        seed: on which it depends what is drawn, with the other arguments.
        columns: the columns of the data of each organization.
        limits: what may be drawn.

    Raises:
        UnknownName: the limits name a kind that there is not.
        ValueError: nothing can be drawn.
    """
    random = Random(seed)  # noqa: S311 - the same each time
    return [_one(random, limits.chosen(), columns, limits) for _ in range(limits.faults)]


def _one(random: Random, kinds: Sequence[str], columns: Columns, limits: Limits) -> Draw:
    places = {
        "node": sorted(columns),
        "data": sorted(name for name, known in columns.items() if known),
        "server": _PATHS,
    }
    possible = [each for each in kinds if places[each.partition(".")[0]]]
    if not possible:
        raise ValueError(f"there is nothing here that {', '.join(kinds)} could happen to")
    kind = random.choice(possible)
    where = random.choice(places[kind.partition(".")[0]])
    options: dict[str, Any] = {"after": random.randrange(limits.within), "times": 1}
    if kind in _LASTING:
        options["seconds"] = round(random.uniform(0, limits.longest), 3)
    if kind in _OF_COLUMNS:
        options["column"] = random.choice(columns[where])
    if kind == "server.status":
        options["status"] = random.choice(_STATUSES)
    return Draw(kind, where, options)
