"""Finding out who a token belongs to (reference: auth, section 1)."""

import json
from typing import Any

from sqlmodel import Session, col, select

from v6sim.server.access.callers import Caller, ContainerCaller, Kind, NodeCaller, UserCaller
from v6sim.server.access.roles import CONTAINER, NODE
from v6sim.server.access.rules import Operation, RuleKey, Scope
from v6sim.server.access.tokens import Use
from v6sim.server.errors import NotAuthenticated
from v6sim.server.operations.call import Core
from v6sim.server.store.find import look
from v6sim.server.store.tables import Node, Role, RoleRule, Rule, User, UserRole, UserRule


def identify(core: Core, session: Session, token: str, use: Use = Use.ACCESS) -> Caller:
    """Who shows this token.

    Raises:
        NotAuthenticated: the token is not good, or its owner no longer exists.
    """
    return of_claims(core, session, core.tokens.read(token, use))


def note_seen(core: Core, caller: Caller) -> None:
    """Note that a user or node was here just now."""
    if caller.kind is not Kind.CONTAINER:
        core.store.seen[caller.id] = core.clock.utc()


def of_claims(core: Core, session: Session, claims: dict[str, Any]) -> Caller:
    """Whom the claims of a token are about.

    Raises:
        NotAuthenticated: they no longer exist.
    """
    subject, kind = claims["sub"], str(claims.get("client_type"))
    if kind == Kind.CONTAINER and isinstance(subject, dict):
        key = (kind, json.dumps(subject, sort_keys=True))
        return core.callers.get(key, lambda: _container(session, subject))
    if isinstance(subject, str) and subject.isdecimal():
        subject = int(subject)
    if not isinstance(subject, int):
        raise NotAuthenticated(f"a token of {subject!r} is of no use here")
    return core.callers.get((kind, subject), lambda: _caller(session, kind, subject))


def _caller(session: Session, kind: object, subject: int) -> Caller:
    if kind == Kind.USER and (user := look(session, User, subject)):
        return user_caller(session, user)
    if kind == Kind.NODE and (node := look(session, Node, subject)):
        return node_caller(session, node)
    raise NotAuthenticated(f"whom the token belongs to ({kind} {subject!r}) does not exist")


TABLES = ("user", "node", "role", "role_rule", "user_role", "user_rule")
"""The tables on which it depends who a caller is."""


def user_caller(session: Session, user: User) -> UserCaller:
    """A user as a caller, with the rules of their roles and the extra ones."""
    roles = frozenset(session.exec(select(UserRole.role_id).where(UserRole.user_id == user.id)))
    of_roles = select(RoleRule.rule_id).where(col(RoleRule.role_id).in_(roles))
    extra = select(UserRule.rule_id).where(UserRule.user_id == user.id)
    return UserCaller(
        Kind.USER, user.id, user.username or "", user.organization_id,
        _rules(session, of_roles.union(extra)), roles,
    )  # fmt: skip


def node_caller(session: Session, node: Node) -> NodeCaller:
    """A node as a caller."""
    return NodeCaller(
        Kind.NODE, node.id, node.name or "", node.organization_id, _rules_of_role(session, NODE),
        collaboration_id=node.collaboration_id,
    )  # fmt: skip


def _container(session: Session, subject: dict[str, Any]) -> ContainerCaller:
    needed = ("node_id", "organization_id", "collaboration_id", "task_id", "image")
    if not isinstance(subject.get("node_id"), int) or any(name not in subject for name in needed):
        raise NotAuthenticated("the token belongs to no running algorithm")
    return ContainerCaller(
        Kind.CONTAINER, subject["node_id"], f"of task {subject.get('task_id')}",
        subject.get("organization_id"), _rules_of_role(session, CONTAINER),
        collaboration_id=subject.get("collaboration_id"),
        task_id=subject.get("task_id"), image=subject.get("image"),
    )  # fmt: skip


def _rules_of_role(session: Session, name: str) -> frozenset[RuleKey]:
    return _rules(
        session,
        select(RoleRule.rule_id)
        .join(Role)
        .where(Role.name == name, col(Role.organization_id).is_(None)),
    )


def _rules(session: Session, ids: Any) -> frozenset[RuleKey]:
    statement = select(Rule.resource, Rule.scope, Rule.operation).where(col(Rule.id).in_(ids))
    return frozenset(
        RuleKey(resource, Scope(scope), Operation(operation))
        for resource, scope, operation in session.exec(statement)
    )
