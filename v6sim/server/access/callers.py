"""Who is calling."""

from dataclasses import dataclass
from enum import StrEnum

from v6sim.server.access.rules import RuleKey


class Kind(StrEnum):
    """The kinds of callers, as tokens name them."""

    USER = "user"
    NODE = "node"
    CONTAINER = "container"


@dataclass(frozen=True)
class Caller:
    """Somebody with a valid token.

    Args:
        kind: user, node or container.
        id: of the user or node; for a container, of the node that runs it.
        name: for messages and logs.
        organization_id: where the caller belongs.
        rules: what the caller may do, from roles and extra rules.
        roles: ids of the caller's own roles.
    """

    kind: Kind
    id: int
    name: str
    organization_id: int | None
    rules: frozenset[RuleKey]
    roles: frozenset[int] = frozenset()

    def __str__(self) -> str:
        """As messages name the caller."""
        return f"{self.kind} {self.name!r}"


@dataclass(frozen=True)
class UserCaller(Caller):
    """A person."""


@dataclass(frozen=True)
class NodeCaller(Caller):
    """A node; `collaboration_id` is the one it serves."""

    collaboration_id: int | None = None


@dataclass(frozen=True)
class ContainerCaller(Caller):
    """A running algorithm, for which its token says what it belongs to."""

    collaboration_id: int | None = None
    task_id: int | None = None
    image: str | None = None
