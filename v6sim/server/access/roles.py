"""The default roles, as data (reference: permissions, section 2)."""

from typing import NamedTuple

from v6sim.server.access.rules import RULES, RuleKey

ROOT, CONTAINER, NODE = "Root", "container", "node"


class DefaultRole(NamedTuple):
    """A role that every server has, for all organizations."""

    name: str
    description: str
    rules: tuple[RuleKey, ...]


def _numbers(*ids: int) -> tuple[RuleKey, ...]:
    return tuple(RULES[number - 1] for number in ids)


_CONTAINER = _numbers(2, 10, 15, 16, 21, 27, 47)
_VIEWER = _numbers(34, 37, 29, 15, 16, 10, 39, 2, 21, 27, 47, 48)
_RESEARCHER = _VIEWER + _numbers(23, 25)
_ORGANIZATION_ADMIN = _RESEARCHER + _numbers(31, 33, 36, 18, 41, 43, 45, 6, 4, 51)
_COLLABORATION_ADMIN = _ORGANIZATION_ADMIN + _numbers(
    28, 30, 32, 14, 17, 9, 11, 38, 5, 1, 7, 49, 52
)

# In order of their ids, which count up from 1 in a new database.
DEFAULT_ROLES = (
    DefaultRole(ROOT, "May do everything", RULES),
    DefaultRole(CONTAINER, "What a running algorithm may do", _CONTAINER),
    DefaultRole(NODE, "What a node may do", _CONTAINER + _numbers(4, 18)),
    DefaultRole("Viewer", "Sees what concerns the own organization", _VIEWER),
    DefaultRole("Researcher", "Sees as a Viewer, and runs tasks", _RESEARCHER),
    DefaultRole("Organization Admin", "Runs one organization", _ORGANIZATION_ADMIN),
    DefaultRole("Collaboration Admin", "Runs collaborations", _COLLABORATION_ADMIN),
)

RESERVED_NAMES = frozenset(role.name for role in DEFAULT_ROLES)
