"""The shape of roles."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from v6sim.server.store.tables import Role, RoleRule, UserRole
from v6sim.server.v3.links import Link, View


class RoleShape(TypedDict):
    """A role; without an organization it is a default role."""

    id: int
    name: str | None
    description: str | None
    organization: Link | None
    rules: list[Link] | None
    users: list[Link] | None


def role_shapes(view: View, roles: Sequence[Role]) -> list[RoleShape]:
    """Roles on the wire."""
    ids = [role.id for role in roles]
    rules = view.related(RoleRule.role_id, RoleRule.rule_id, ids)
    users = view.related(UserRole.role_id, UserRole.user_id, ids)
    return [
        {
            "id": role.id,
            "name": role.name,
            "description": role.description,
            "organization": view.link("organization", role.organization_id),
            "rules": view.links("rule", rules.get(role.id, ())),
            "users": view.links("user", users.get(role.id, ())),
        }
        for role in roles
    ]
