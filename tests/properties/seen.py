"""What each caller may see in lists: worked out from the rows, apart from the server's own way.

Source: reference, permissions, section 4.
"""

from dataclasses import dataclass
from typing import Any

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Viewer:
    """Somebody, with the rules they hold as (resource, operation, scope)."""

    id: int
    organization: int | None
    rules: frozenset[tuple[str, str, str]]
    roles: frozenset[int] = frozenset()

    def may_view(self, resource: str, scope: str) -> bool:
        return (resource, "VIEW", scope) in self.rules


def viewer_of(rows: Rows, kind: str, key: int) -> Viewer:
    """A user, node, or the container of a node."""
    table = "user" if kind == "user" else "node"
    organization = next(row["organization_id"] for row in rows[table] if row["id"] == key)
    if kind == "user":
        roles = {row["role_id"] for row in rows["user_role"] if row["user_id"] == key}
        extra = {row["rule_id"] for row in rows["user_rule"] if row["user_id"] == key}
    else:
        roles = {r["id"] for r in rows["role"] if r["name"] == kind and not r["organization_id"]}
        extra = set()
    ids = extra | {row["rule_id"] for row in rows["role_rule"] if row["role_id"] in roles}
    rules = frozenset(
        (row["resource"], row["operation"], row["scope"])
        for row in rows["rule"]
        if row["id"] in ids
    )
    return Viewer(key, organization, rules, frozenset(roles))


def collaborations_of(rows: Rows, organization: int | None) -> set[int]:
    return {
        row["collaboration_id"] for row in rows["member"] if row["organization_id"] == organization
    }


def visible(rows: Rows, viewer: Viewer, resource: str) -> set[int] | None:
    """Ids that a list may show; None if it has to be refused."""
    ours = collaborations_of(rows, viewer.organization)
    if resource == "task":
        return _in_collaborations(viewer, "task", rows["task"], ours)
    if resource == "collaboration":
        chosen = [{**row, "collaboration_id": row["id"]} for row in rows["collaboration"]]
        return _in_collaborations(viewer, "collaboration", chosen, ours)
    if resource == "organization":
        return _organizations(rows, viewer, ours)
    if resource == "role":
        return _roles(rows, viewer)
    if viewer.may_view(resource, "GLOBAL"):
        return {row["id"] for row in rows[resource]}
    if viewer.may_view(resource, "ORGANIZATION"):
        return {r["id"] for r in rows[resource] if r["organization_id"] == viewer.organization}
    return None


def _in_collaborations(
    viewer: Viewer, resource: str, rows: list[dict[str, Any]], ours: set[int]
) -> set[int] | None:
    if viewer.may_view(resource, "GLOBAL"):
        return {row["id"] for row in rows}
    if viewer.may_view(resource, "ORGANIZATION"):
        return {row["id"] for row in rows if row["collaboration_id"] in ours}
    return None


def _organizations(rows: Rows, viewer: Viewer, ours: set[int]) -> set[int] | None:
    if viewer.may_view("organization", "GLOBAL"):
        return {row["id"] for row in rows["organization"]}
    own = {viewer.organization} if viewer.organization else set()
    if viewer.may_view("organization", "COLLABORATION"):
        partners = {r["organization_id"] for r in rows["member"] if r["collaboration_id"] in ours}
        return own | partners
    return own if viewer.may_view("organization", "ORGANIZATION") else None


def _roles(rows: Rows, viewer: Viewer) -> set[int]:
    if viewer.may_view("role", "GLOBAL"):
        return {row["id"] for row in rows["role"]}
    if not viewer.may_view("role", "ORGANIZATION"):
        return set(viewer.roles)
    shown = {viewer.organization, None}
    return {r["id"] for r in rows["role"] if r["organization_id"] in shown} | viewer.roles
