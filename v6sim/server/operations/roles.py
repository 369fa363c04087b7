"""Roles."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, or_
from sqlmodel import col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.access.roles import RESERVED_NAMES
from v6sim.server.errors import Invalid, NotFound
from v6sim.server.operations import rules as rule_operations
from v6sim.server.operations.call import Call, Later
from v6sim.server.store.find import find, without_null
from v6sim.server.store.tables import Organization, Role, RoleRule, Rule, UserRole
from v6sim.wire.excerpt import excerpt


def visible(call: Call) -> Any:
    """The roles that the caller may see in a list."""
    reaches = call.reaches("role.list")
    if Reach.ANYTHING in reaches:
        return select(Role)
    conditions: dict[Reach, ColumnElement[bool]] = {
        Reach.ORGANIZATION: col(Role.organization_id) == call.caller.organization_id,
        Reach.DEFAULT: col(Role.organization_id).is_(None),
        Reach.HELD: col(Role.id).in_(call.caller.roles),
    }
    return select(Role).where(or_(*(conditions[reach] for reach in reaches)))


def view(call: Call, role_id: int) -> Role:
    """One role."""
    return _allowed(call, "role.view", role_id)


def rules_of(call: Call, role_id: int) -> Any:
    """The rules that a role contains."""
    role = _allowed(call, "role.rules", role_id)
    return rule_operations.in_role(role)


def create(
    call: Call,
    name: str | None,
    description: str | None,
    rule_ids: Sequence[int | None],
    organization_id: int | None,
) -> Role:
    """Make a role of an organization, by default of the caller's own."""
    _check_name(name)
    rules = [find(call.session, Rule, key) for key in without_null("rules", rule_ids)]
    rule_operations.check_held(call, rules)
    if organization_id:
        find(call.session, Organization, organization_id)
    organization_id = organization_id or call.caller.organization_id
    call.require("role.create", Target(f"role {excerpt(name)}", organization_id))
    role = Role(name=name, description=description, organization_id=organization_id)
    call.session.add(role)
    call.session.flush()
    _set_rules(call, role, rules)
    call.commit()
    return role


def edit(
    call: Call,
    role_id: int,
    name: Later[object],
    wanted: Later[tuple[Mapping[str, Any], Sequence[object] | None]],
) -> Role:
    """Change a role.

    Args:
        call: whose call it is.
        role_id: what to change.
        name: the new name, if there is one.
        wanted: new values of name and description; and the rules from now on, where None leaves
            them.
    """
    role = find(call.session, Role, role_id)
    _check_name(name())
    if role.name in RESERVED_NAMES:
        raise Invalid(f"the default role {role.name!r} cannot be changed")
    call.require("role.edit", _target(role))
    changes, rule_ids = wanted()
    if rule_ids is not None:
        rules = [find(call.session, Rule, rule_id) for rule_id in rule_ids]
        rule_operations.check_held(call, rules)
        call.session.execute(delete(RoleRule).where(col(RoleRule.role_id) == role.id))
        _set_rules(call, role, rules)
    for changed, value in changes.items():
        setattr(role, changed, value)
    call.session.add(role)
    call.commit()
    return role


def remove(call: Call, role_id: int) -> None:
    """Delete a role, and take it from everybody who has it."""
    role = _allowed(call, "role.delete", role_id)
    call.session.execute(delete(RoleRule).where(col(RoleRule.role_id) == role.id))
    call.session.execute(delete(UserRole).where(col(UserRole.role_id) == role.id))
    call.session.delete(role)
    call.commit()


def add_rule(call: Call, role_id: int, rule_id: int) -> Role:
    """Put a rule into a role."""
    role, rule = find(call.session, Role, role_id), find(call.session, Rule, rule_id)
    call.require("role.add rule", _target(role))
    rule_operations.check_held(call, [rule])
    if rule not in rule_operations.of_role(call.session, role):
        _set_rules(call, role, [rule])
        call.commit()
    return role


def remove_rule(call: Call, role_id: int, rule_id: int) -> Role:
    """Take a rule out of a role."""
    role, rule = find(call.session, Role, role_id), find(call.session, Rule, rule_id)
    call.require("role.remove rule", _target(role))
    rule_operations.check_held(call, [rule])
    if rule not in rule_operations.of_role(call.session, role):
        raise NotFound(f"rule of role {role.name!r}", rule_id)
    call.session.execute(
        delete(RoleRule).where(col(RoleRule.role_id) == role.id, col(RoleRule.rule_id) == rule.id)
    )
    call.commit()
    return role


def _check_name(name: object) -> None:
    if isinstance(name, str) and name in RESERVED_NAMES:
        raise Invalid(f"the name {excerpt(name)} is that of a default role: choose another")


def _allowed(call: Call, action: str, role_id: int) -> Role:
    role = find(call.session, Role, role_id)
    call.require(action, _target(role))
    return role


def _target(role: Role) -> Target:
    return Target(f"role {role.id}", role.organization_id, role_id=role.id)


def _set_rules(call: Call, role: Role, rules: Sequence[Rule]) -> None:
    for rule_id in dict.fromkeys(rule.id for rule in rules):
        call.session.add(RoleRule(role_id=role.id, rule_id=rule_id))
    call.session.flush()
