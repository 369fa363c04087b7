"""What leaves an organization through its node's two doors, the proxy and the report."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

REFUSED = "refused request"
REQUESTS = frozenset({"request", REFUSED})
"""Kinds that are requests of an algorithm to its proxy."""


@dataclass(frozen=True)
class Departure:
    """Something that is about to leave, in plain, before any encryption.

    Args:
        node_id: the node that it leaves.
        run_id: the run that it comes from; None for a request without a known run.
        kind: what it is. A refused request has not left: it is told of all the same.
        receivers: ids of the organizations that it is for; empty for the server itself.
        content: its bytes; of a request its method and path as a line, then its body.
        task_id: the task that the run is a part of, if known.
        parent_id: that task's parent, if it has one.
    """

    node_id: int
    run_id: int | None
    kind: Literal["subtask input", "request", "refused request", "result", "log"]
    receivers: tuple[int, ...]
    content: bytes = field(repr=False)
    task_id: int | None = None
    parent_id: int | None = None


Witness = Callable[[Departure], None]
"""Who is told of each departure, before it happens."""


def nobody(departure: Departure) -> None:
    """The witness where none is wanted."""
