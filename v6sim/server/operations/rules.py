"""Rules: seeing them, and handing them out."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from v6sim.server.access.rules import Operation, RuleKey, Scope
from v6sim.server.operations.call import Call
from v6sim.server.store.find import find
from v6sim.server.store.tables import Role, RoleRule, Rule


def visible(call: Call) -> Any:
    """The rules that the caller may see: all of them."""
    call.reaches("rule.view")
    return select(Rule)


def view(call: Call, rule_id: int) -> Rule:
    """One rule."""
    call.require("rule.view")
    return find(call.session, Rule, rule_id)


def key_of(rule: Rule) -> RuleKey:
    """What identifies a rule, whatever its id."""
    return RuleKey(rule.resource, Scope(rule.scope), Operation(rule.operation))


def check_held(call: Call, rules: Iterable[Rule]) -> None:
    """Make sure that the caller holds each of the rules: nobody gives or takes what they lack.

    Raises:
        Refused: one is not held.
    """
    for rule in rules:
        call.require_held(key_of(rule))


def of_role(session: Session, role: Role) -> list[Rule]:
    """The rules that a role contains."""
    return list(session.exec(in_role(role)))


def in_role(role: Role) -> Any:
    """A statement: the rules that a role contains, in the order in which they were put in."""
    joined = select(Rule).join(RoleRule).where(RoleRule.role_id == role.id)
    return joined.order_by(col(RoleRule.id))
