"""Why a decision was taken, and what would change it."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import Session, col, select

from v6sim.server.access.actions import Grant
from v6sim.server.access.callers import Kind
from v6sim.server.access.decisions import Decision
from v6sim.server.access.roles import CONTAINER, NODE
from v6sim.server.access.rules import Operation, RuleKey, Scope
from v6sim.server.store.tables import Role, RoleRule, Rule


@dataclass(frozen=True)
class Way:
    """A grant that would allow something.

    Args:
        grant: the rule, and what it is good for.
        held: whether the caller has it.
        own_roles: names of the caller's roles that contain the rule.
    """

    grant: Grant
    held: bool
    own_roles: tuple[str, ...]


@dataclass(frozen=True)
class Reasons:
    """What is behind a decision.

    Args:
        ways: the grants that would allow it.
        smallest_role: name of the role with the fewest rules that would allow it, of those that
            the caller could be given; None if none would.
    """

    ways: tuple[Way, ...]
    smallest_role: str | None


def reasons_of(session: Session, decision: Decision) -> Reasons:
    """What is behind a decision."""
    roles = _roles(session, decision.caller.organization_id)
    own = {key: content for key, content in roles.items() if key[0] in decision.caller.roles}
    ways = tuple(
        Way(
            grant,
            grant in decision.held,
            tuple(name for (_, name), rules in own.items() if grant.rule in rules),
        )
        for grant in decision.fitting
    )
    return Reasons(ways, _smallest(decision, roles))


_Roles = dict[tuple[int, str], set[RuleKey]]


def _roles(session: Session, organization_id: int | None) -> _Roles:
    """The rules of the roles that somebody of an organization may have, by id and name."""
    of_all, own = col(Role.organization_id).is_(None), col(Role.organization_id) == organization_id
    statement = (
        select(Role.id, Role.name, Rule.resource, Rule.scope, Rule.operation)  # type: ignore[call-overload]
        .join(RoleRule, col(RoleRule.role_id) == Role.id)
        .join(Rule, col(Rule.id) == RoleRule.rule_id)
        .where(or_(of_all, own))
        .order_by(Role.id)
    )
    found: _Roles = defaultdict(set)
    for key, name, resource, scope, operation in session.exec(statement):
        found[key, name or ""].add(RuleKey(resource, Scope(scope), Operation(operation)))
    return found


def _smallest(decision: Decision, roles: _Roles) -> str | None:
    if decision.obstacle or decision.caller.kind is not Kind.USER:
        return None
    needed = {grant.rule for grant in decision.fitting if grant.rule}
    fitting = [
        (len(rules), key)
        for key, rules in roles.items()
        if rules & needed and key[1] not in (CONTAINER, NODE)
    ]
    return min(fitting)[1][1] if fitting else None
