"""What can be asked of the server, who may ask, and by which rules: one table of data.

Source: reference, permissions, section 4. `docs/permissions.md` is generated from this table.
"""

from dataclasses import dataclass
from enum import StrEnum

from v6sim.server.access.callers import Kind
from v6sim.server.access.rules import RuleKey, rule

USERS = frozenset({Kind.USER})
NODES = frozenset({Kind.NODE})
USERS_NODES = USERS | NODES
USERS_CONTAINERS = frozenset({Kind.USER, Kind.CONTAINER})
ANYBODY = frozenset(Kind)


class Reach(StrEnum):
    """Which things a grant is good for."""

    ANYTHING = "anything"
    ORGANIZATION = "what belongs to one's own organization"
    COLLABORATION = "what belongs to a collaboration that one's own organization takes part in"
    ONESELF = "oneself"
    HELD = "a role that one has"
    DEFAULT = "a default role"


@dataclass(frozen=True)
class Grant:
    """A rule and what it is good for; without a rule, everybody has it."""

    rule: RuleKey | None
    reach: Reach


@dataclass(frozen=True)
class Action:
    """Something that can be asked of the server."""

    name: str
    callers: frozenset[Kind]
    grants: tuple[Grant, ...]


ACTIONS: dict[str, Action] = {}


def _action(name: str, callers: frozenset[Kind], **reaches: str) -> None:
    """Enter an action: reach by rule, such as `organization="task V-org, task C-org"`."""
    grants = tuple(
        Grant(rule(text) if text != "-" else None, Reach[reach.upper()])
        for reach, texts in reaches.items()
        for text in texts.split(", ")
    )
    ACTIONS[name] = Action(name, callers, grants)


_action("rule.view", USERS, anything="-")

_action(
    "role.list", USERS, anything="role V-glo", organization="role V-org", default="role V-org",
    held="-",
)  # fmt: skip
_action("role.view", USERS, anything="role V-glo", held="-", organization="role V-org")
_action("role.rules", USERS, anything="role V-glo", organization="role V-org")
_action("role.create", USERS, anything="role C-glo", organization="role C-org")
_action("role.edit", USERS, anything="role E-glo", organization="role E-org")
_action("role.delete", USERS, anything="role D-glo", organization="role D-org")
_action("role.add rule", USERS, anything="role E-glo", organization="role E-org")
_action("role.remove rule", USERS, anything="role D-glo", organization="role D-org")

_action("user.list", USERS, anything="user V-glo", organization="user V-org")
_action("user.view", USERS, anything="user V-glo", organization="user V-org", oneself="-")
_action("user.create", USERS, anything="user C-glo", organization="user C-org")
_action("user.edit", USERS, anything="user E-glo", organization="user E-org", oneself="user E-own")
_action("user.give role", USERS, anything="user E-glo", organization="user E-org")
_action("user.move", USERS, anything="user E-glo")
_action(
    "user.delete", USERS, anything="user D-glo", organization="user D-org", oneself="user D-own"
)
_action("password.change", USERS, oneself="-")

_action(
    "organization.view", ANYBODY, anything="organization V-glo",
    collaboration="organization V-col", organization="organization V-org",
)  # fmt: skip
_action("organization.create", USERS, anything="organization C-glo")
_action(
    "organization.edit", USERS_NODES, anything="organization E-glo",
    organization="organization E-org",
)  # fmt: skip
_action(
    "organization.collaborations", USERS_NODES, anything="collaboration V-glo",
    organization="collaboration V-org",
)  # fmt: skip
_action("organization.nodes", USERS_NODES, anything="node V-glo", organization="node V-org")

_action(
    "collaboration.list", USERS, anything="collaboration V-glo",
    collaboration="collaboration V-org",
)  # fmt: skip
_action(
    "collaboration.view", ANYBODY, anything="collaboration V-glo",
    collaboration="collaboration V-org",
)  # fmt: skip
_action(
    "collaboration.nodes", USERS, anything="collaboration V-glo",
    collaboration="collaboration V-org",
)  # fmt: skip
_action("collaboration.tasks", USERS_NODES, anything="task V-glo", collaboration="task V-org")
_action("collaboration.create", USERS, anything="collaboration C-glo")
_action("collaboration.edit", USERS, anything="collaboration E-glo")
_action("collaboration.delete", USERS, anything="collaboration D-glo")
_action("collaboration.remove organization", USERS, anything="collaboration D-glo")

_action("node.view", USERS_NODES, anything="node V-glo", organization="node V-org")
_action("node.create", USERS, anything="node C-glo", organization="node C-org")
_action("node.edit", USERS_NODES, anything="node E-glo", organization="node E-org")
_action("node.move", USERS_NODES, anything="node E-glo")
_action("node.join", USERS_NODES, anything="node E-glo", collaboration="node E-org")
_action("node.delete", USERS, anything="node D-glo", organization="node D-org")
_action("node.new key", USERS, anything="node E-glo", organization="node E-org")

_action("task.view", ANYBODY, anything="task V-glo", collaboration="task V-org")
_action("task.create", USERS, collaboration="task C-glo, task C-org")
_action("task.delete", USERS, anything="task D-glo", collaboration="task D-org")
_action("subtask.create", frozenset({Kind.CONTAINER}), collaboration="-")

_action("run.view", ANYBODY, anything="result V-glo", collaboration="result V-org")
_action("run.list of task", USERS_CONTAINERS, anything="result V-glo", collaboration="result V-org")
_action("run.report", NODES, organization="-")

_action("port.list", ANYBODY, anything="port V-glo", collaboration="port V-org")
_action("port.view", ANYBODY, anything="-")
_action("port.edit", NODES, oneself="-")

_action("task.kill", USERS, anything="event C-glo", collaboration="event C-org")
_action(
    "node.kill", USERS, anything="event C-glo", collaboration="event C-col",
    organization="event C-org",
)  # fmt: skip

_action("container token.create", NODES, anything="-")
_action("vpn", NODES, anything="-")

_action(
    "event.hear", USERS, anything="event V-glo", collaboration="event V-col",
    organization="event V-org",
)  # fmt: skip
