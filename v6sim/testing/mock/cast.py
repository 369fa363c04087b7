"""The organizations and nodes that a mock client plays with, and their ids."""

import logging
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from v6sim.server.store.seed_ids import SeedIds, check_ids

IdKind = Literal["mock", "server"]
"""Ids as the genuine mock gives them, or as a server does."""

USER, PASSWORD = "developer", "Developer-1"
_COLLABORATION = "mock-collaboration"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cast:
    """What the federation of a mock client is made of.

    Args:
        organizations: their ids.
        names: their names.
        nodes: ids of their nodes; empty: the server counts them.
        collaboration: its id.
    """

    organizations: tuple[int, ...]
    names: tuple[str, ...]
    nodes: tuple[int, ...] = ()
    collaboration: int = 1

    def world(self, files: Sequence[Path]) -> dict[str, Any]:
        """Return its world.

        Args:
            files: the data of each organization.
        """
        user = {"username": USER, "password": PASSWORD, "roles": ["Researcher"]}
        organizations = [
            {"name": name, "domain": f"{name}.org", "users": [] if place else [user]}
            for place, name in enumerate(self.names)
        ]
        participants = [
            {"name": name, "databases": {"default": str(file)}}
            for name, file in zip(self.names, files, strict=True)
        ]
        own = {"name": _COLLABORATION, "encrypted": False, "participants": participants}
        return {"organizations": organizations, "collaborations": [own]}

    @property
    def ids(self) -> SeedIds:
        """Its ids.

        Raises:
            ValueError: an id is given twice, or is none that a server can have.
        """
        from v6sim.world.collaboration import default_node_name

        nodes = [default_node_name(name, _COLLABORATION) for name in self.names]
        return SeedIds(
            dict(zip(self.names, self.organizations, strict=True)),
            {_COLLABORATION: self.collaboration},
            dict(zip(nodes, self.nodes, strict=True)) if self.nodes else {},
        )


def cast_of(
    size: int,
    ids: IdKind = "mock",
    organization_ids: Sequence[int] | None = None,
    node_ids: Sequence[int] | None = None,
    collaboration_id: int | None = None,
) -> Cast:
    """Return who takes part.

    Args:
        size: the number of organizations.
        ids: `mock` for positions from 0, as the genuine mock gives them; `server` for ids that
            are not positions, as a server gives them.
        organization_ids: ids of the organizations; positions if there are too few or too many.
        node_ids: ids of their nodes, likewise.
        collaboration_id: id of the collaboration; 1 if it is none, or 0.

    Raises:
        ValueError: there are no organizations, or ids that exclude each other.
    """
    if not size:
        raise ValueError("there are no datasets: at least one is needed")
    if ids not in get_args(IdKind):
        raise ValueError(f"ids={ids!r}: expected 'mock' (positions from 0) or 'server'")
    if ids == "server":
        if organization_ids is not None or node_ids is not None:
            raise ValueError(
                "ids='server' leaves ids to the server: leave out organization_ids and node_ids"
            )
        names = tuple(f"mock-{place}" for place in range(size))
        return Cast(tuple(range(size + 2, 2 * size + 2)), names, (), collaboration_id or 1)
    organizations = _chosen("organization", organization_ids, size)
    names = tuple(f"mock-{key}" for key in organizations)
    return Cast(organizations, names, _chosen("node", node_ids, size), collaboration_id or 1)


def _chosen(kind: str, given: Sequence[int] | None, size: int) -> tuple[int, ...]:
    """The ids that are given, if they are as many as the organizations; else positions."""
    ids = [] if given is None else [whole(each) for each in given]
    if len(ids) == size:
        check_ids(kind, ids)
        return tuple(ids)
    if ids:
        log.warning("%s_ids are %s for %s datasets: ids from 0 are used", kind, ids, size)
    return tuple(range(size))


def whole(key: Any) -> Any:
    """Return an id as a whole number of Python's own; what is no whole number stays as it is."""
    try:
        return operator.index(key)
    except TypeError:
        return key
