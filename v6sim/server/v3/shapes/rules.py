"""The shape of rules."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from v6sim.server.store.tables import Rule, UserRule
from v6sim.server.v3.links import Link, View


class RuleShape(TypedDict):
    """A rule; `users` have it as an extra one."""

    id: int
    name: str
    scope: str
    operation: str
    description: str
    users: list[Link] | None


def rule_shapes(view: View, rules: Sequence[Rule]) -> list[RuleShape]:
    """Rules on the wire."""
    users = view.related(UserRule.rule_id, UserRule.user_id, [rule.id for rule in rules])
    return [
        {
            "id": rule.id,
            "name": rule.resource,
            "scope": rule.scope,
            "operation": rule.operation,
            "description": rule.description,
            "users": view.links("user", users.get(rule.id, ())),
        }
        for rule in rules
    ]
