"""Users."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, update
from sqlmodel import col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.access.passwords import hash_password, weakness
from v6sim.server.errors import Invalid
from v6sim.server.operations import rules as rule_operations
from v6sim.server.operations.call import Call, Later
from v6sim.server.store.find import find, look_all, without_null
from v6sim.server.store.tables import (
    Identity,
    Organization,
    Role,
    Rule,
    Task,
    User,
    UserRole,
    UserRule,
)
from v6sim.wire.excerpt import excerpt


class UserChanges(NamedTuple):
    """What is to change about a user.

    Args:
        fields: new values of username, firstname, lastname, email and organization_id; a password
            among them is refused.
        role_ids: the roles from now on; None leaves them.
        rule_ids: the extra rules from now on; None leaves them.
    """

    fields: Mapping[str, Any]
    role_ids: Sequence[object] | None = None
    rule_ids: Sequence[object] | None = None


def visible(call: Call) -> Any:
    """The users that the caller may see."""
    call.core.store.write_seen(call.session)
    statement = select(User).join(Identity)
    if Reach.ANYTHING in call.reaches("user.list"):
        return statement
    return statement.where(User.organization_id == call.caller.organization_id)


def view(call: Call, user_id: int) -> User:
    """One user."""
    user = find(call.session, User, user_id)
    call.require("user.view", _target(user))
    return user


def create(
    call: Call,
    *,
    username: str | None,
    email: str | None,
    password: str | None,
    firstname: str | None = None,
    lastname: str | None = None,
    organization_id: int | None = None,
    role_ids: Sequence[int | None] = (),
    rule_ids: Sequence[int | None] = (),
) -> User:
    """Make a user, by default in the caller's own organization; unknown roles and rules pass."""
    _check_free(call, "username", username)
    _check_free(call, "email", email)
    organization_id = organization_id or call.caller.organization_id
    call.require("user.create", Target(f"user {excerpt(username)}", organization_id))
    find(call.session, Organization, organization_id)
    role_ids, rule_ids = without_null("roles", role_ids), without_null("rules", rule_ids)
    roles = look_all(call.session, Role, role_ids)
    rules = look_all(call.session, Rule, rule_ids)
    _check_roles(call, roles, organization_id)
    rule_operations.check_held(call, rules)
    check_password(password)
    identity = Identity(kind="user")
    call.session.add(identity)
    call.session.flush()
    user = User(
        id=identity.id, username=username, email=email, firstname=firstname, lastname=lastname,
        organization_id=organization_id,
        password=hash_password(str(password), call.core.settings.password_rounds),
    )  # fmt: skip
    call.session.add(user)
    call.session.flush()
    _give(call, user, roles, rules)
    call.commit()
    return user


def edit(
    call: Call,
    user_id: int,
    wanted: Later[UserChanges],
) -> User:
    """Change a user.

    Args:
        call: whose call it is.
        user_id: whom to change.
        wanted: what to change.
    """
    user = find(call.session, User, user_id)
    call.require("user.edit", _target(user))
    changes, role_ids, rule_ids = wanted()
    _check_names(call, user, changes)
    roles = None if role_ids is None else _new_roles(call, user, role_ids)
    rules = None if rule_ids is None else _new_rules(call, user, rule_ids)
    _check_move(call, user, changes.get("organization_id"))
    for name in ("username", "firstname", "lastname", "email"):
        if name in changes and changes[name] is not None:
            setattr(user, name, changes[name])
    if _moves(call, changes.get("organization_id")):
        user.organization_id = changes["organization_id"]
    call.session.add(user)
    if roles is not None:
        call.session.execute(delete(UserRole).where(col(UserRole.user_id) == user.id))
    if rules is not None:
        call.session.execute(delete(UserRule).where(col(UserRule.user_id) == user.id))
    _give(call, user, roles or [], rules or [])
    call.commit()
    return user


def remove(call: Call, user_id: int) -> None:
    """Delete a user; their tasks stay."""
    user = find(call.session, User, user_id)
    call.require("user.delete", _target(user))
    session = call.session
    session.execute(delete(UserRole).where(col(UserRole.user_id) == user.id))
    session.execute(delete(UserRule).where(col(UserRule.user_id) == user.id))
    session.execute(update(Task).where(col(Task.init_user_id) == user.id).values(init_user_id=None))
    session.delete(user)
    session.flush()
    session.execute(delete(Identity).where(col(Identity.id) == user.id))
    call.commit()


def check_password(password: str | None) -> None:
    """Make sure that a new password is good enough.

    Raises:
        Invalid: it is not.
    """
    if password is None:
        raise Invalid("the password is missing")
    if lack := weakness(password):
        raise Invalid(lack)


def _target(user: User) -> Target:
    return Target(f"user {user.id}", user.organization_id, identity_id=user.id)


def _check_free(call: Call, field: str, value: str | None) -> None:
    if call.session.exec(select(User.id).where(getattr(User, field) == value)).first():
        raise Invalid(f"the {field} {excerpt(value)} is taken: choose another")


def _check_names(call: Call, user: User, changes: Mapping[str, Any]) -> None:
    if changes.get("password"):
        raise Invalid("a password is changed with PATCH /password/change, by its owner")
    username, email = changes.get("username"), changes.get("email")
    if username is not None and username != user.username:
        if not username:
            raise Invalid("a username cannot be empty")
        _check_free(call, "username", username)
        if user.id != call.caller.id:
            raise Invalid("the username of somebody else cannot be changed")
    if email is not None and email != user.email:
        if not email:
            raise Invalid("an e-mail address cannot be empty")
        _check_free(call, "email", email)


def _check_not_oneself(call: Call, user: User) -> None:
    if user.id == call.caller.id:
        obstacle = "nobody changes their own roles and rules: somebody else has to"
        call.require("user.give role", _target(user), obstacle)


def _new_roles(call: Call, user: User, role_ids: Sequence[object]) -> list[Role]:
    roles = [find(call.session, Role, key) for key in role_ids]
    _check_not_oneself(call, user)
    _check_roles(call, roles, user.organization_id)
    held = select(UserRole.role_id).where(UserRole.user_id == user.id)
    now = call.session.exec(select(Role).where(col(Role.id).in_(held)))
    _check_rules_of(call, (role for role in now if role not in roles))
    return roles


def _new_rules(call: Call, user: User, rule_ids: Sequence[object]) -> list[Rule]:
    rules = [find(call.session, Rule, key) for key in rule_ids]
    _check_not_oneself(call, user)
    held = select(UserRule.rule_id).where(UserRule.user_id == user.id)
    now = call.session.exec(select(Rule).where(col(Rule.id).in_(held)))
    rule_operations.check_held(call, [*rules, *(rule for rule in now if rule not in rules)])
    return rules


def _check_roles(call: Call, roles: Iterable[Role], organization_id: int | None) -> None:
    for role in roles:
        _check_rules_of(call, [role])
        if role.organization_id is not None and role.organization_id != organization_id:
            obstacle = f"role {role.id} belongs to another organization than the user"
            call.require("user.give role", Target("user", organization_id), obstacle)


def _check_rules_of(call: Call, roles: Iterable[Role]) -> None:
    for role in roles:
        rule_operations.check_held(call, rule_operations.of_role(call.session, role))


def _moves(call: Call, organization_id: int | None) -> bool:
    """Whether the user is to move; one's own organization counts as no move, as upstream."""
    return bool(organization_id) and organization_id != call.caller.organization_id


def _check_move(call: Call, user: User, organization_id: int | None) -> None:
    if _moves(call, organization_id):
        call.require("user.move", _target(user))
        find(call.session, Organization, organization_id)


def _give(call: Call, user: User, roles: Iterable[Role], rules: Iterable[Rule]) -> None:
    for role_id in dict.fromkeys(role.id for role in roles):
        call.session.add(UserRole(user_id=user.id, role_id=role_id))
    for rule_id in dict.fromkeys(rule.id for rule in rules):
        call.session.add(UserRule(user_id=user.id, rule_id=rule_id))
    call.session.flush()
