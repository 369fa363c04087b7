"""Ids that a new database gives to what its world names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

HIGHEST = 2**31 - 1
"""The highest id that every database keeps."""


@dataclass(frozen=True)
class SeedIds:
    """Chosen ids; everything else is counted from 1 on, past the ids that are chosen.

    Args:
        organizations: ids of organizations by name, from 0 to `HIGHEST`.
        collaborations: ids of collaborations by name.
        nodes: ids of nodes by name. Nodes and users share one range of ids.

    Raises:
        ValueError: an id is chosen twice, or no database can keep it.
    """

    organizations: Mapping[str, int] = field(default_factory=dict)
    collaborations: Mapping[str, int] = field(default_factory=dict)
    nodes: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check them."""
        for kind in ("organization", "collaboration", "node"):
            check_ids(kind, list(getattr(self, f"{kind}s").values()))

    def rest(self, table: str) -> Iterator[int]:
        """Return the ids of a table that remain, from 1 on."""
        chosen = {
            "organization": self.organizations,
            "collaboration": self.collaborations,
            "identity": self.nodes,
        }.get(table, {})
        taken = set(chosen.values())
        return (key for key in count(1) if key not in taken)


def check_ids(kind: str, ids: Sequence[object]) -> None:
    """Make sure that a database can have these ids.

    Args:
        kind: what they are of, for the message.
        ids: all ids that are chosen.

    Raises:
        ValueError: one is given twice, or no database can keep it.
    """
    for key in ids:
        if type(key) is not int or not 0 <= key <= HIGHEST:
            raise ValueError(
                f"{key!r} cannot be the id of a {kind}: a whole number from 0 to {HIGHEST} is "
                "expected"
            )
        if ids.count(key) > 1:
            raise ValueError(f"{kind} id {key} is given twice: each needs its own")
