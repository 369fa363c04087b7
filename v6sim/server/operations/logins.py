"""Signing in, and staying so (reference: auth, sections 1 to 3)."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import col, select

from v6sim.server.access import second_factor
from v6sim.server.access.callers import Kind
from v6sim.server.access.decisions import Target
from v6sim.server.access.keys import hash_key
from v6sim.server.access.passwords import is_password
from v6sim.server.access.tokens import Use
from v6sim.server.errors import Invalid, NoRoom, NotAuthenticated
from v6sim.server.operations.call import Call, Core
from v6sim.server.operations.callers import identify
from v6sim.server.operations.runs import is_complete
from v6sim.server.store.find import find, look
from v6sim.server.store.tables import Node, Role, Task, User, UserRole
from v6sim.wire.excerpt import excerpt


@dataclass(frozen=True)
class SignedIn:
    """Tokens for a user or node."""

    id: int
    kind: Kind
    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True)
class FactorToSetUp:
    """A user has to set up the second factor first: the next login needs a code."""

    factor: second_factor.Factor


@dataclass(frozen=True)
class CodeNeeded:
    """The password is right, and a code of the second factor is missing."""


def log_in(
    call: Call, username: str | None, password: object, code: str | None = None
) -> SignedIn | FactorToSetUp | CodeNeeded:
    """Sign a user in by name, password and, where the server wants it, second factor.

    Raises:
        NotAuthenticated: one of them is wrong, or the account is locked for a while.
    """
    user = call.session.exec(select(User).where(User.username == username)).first()
    if user is None:
        raise NotAuthenticated("the username or the password is wrong")
    check_login(call, user, password)
    if call.core.settings.two_factor_auth:
        if user.otp_secret is None:
            factor = second_factor.create(user.username or "")
            user.otp_secret = factor.secret
            call.session.add(user)
            call.commit()
            return FactorToSetUp(factor)
        if code is None:
            return CodeNeeded()
        if not second_factor.accepts(user.otp_secret, code, call.core.clock.now()):
            raise NotAuthenticated("the code of the second factor is wrong")
    return signed_in(call, Kind.USER, user.id, role_names(call, user.id))


def check_login(call: Call, user: User, password: object) -> None:
    """Make sure that the password is right; wrong ones are counted and lock the account.

    Raises:
        NotAuthenticated: it is wrong, or the account is locked.
        Invalid: it is missing, or of a kind that no password can be.
    """
    if password is None or isinstance(password, int | float):
        raise Invalid(f"a password has to be a text, not {excerpt(password)}")
    policy, now = call.core.settings.password_policy, call.core.clock.utc()
    pause = timedelta(minutes=policy.inactivation_minutes)
    until = (user.last_failed_login or now) + pause
    was_locked = user.failed_logins >= policy.max_failed_attempts
    if was_locked and now < until:
        minutes = (until - now).total_seconds() / 60
        raise NotAuthenticated(
            f"too many wrong passwords: this account is locked for {minutes:.0f} more minutes"
        )
    if isinstance(password, str) and user.password and is_password(password, user.password):
        if user.failed_logins:
            user.failed_logins = 0
            _store_if_possible(call, user)
        return
    user.failed_logins = 1 if was_locked else user.failed_logins + 1
    user.last_failed_login = now
    _store_if_possible(call, user)
    raise NotAuthenticated("the username or the password is wrong")


def _store_if_possible(call: Call, user: User) -> None:
    """Store what has changed with a user; without room for it, logging in is the same."""
    try:
        call.session.add(user)
        call.commit()
    except NoRoom:
        call.session.rollback()


def log_in_node(call: Call, api_key: str) -> SignedIn:
    """Sign a node in by its API key.

    Raises:
        NotAuthenticated: no node has this key.
    """
    keyed = select(Node).where(Node.api_key == hash_key(api_key)).order_by(col(Node.id))
    node = call.session.exec(keyed).first()
    if node is None:
        raise NotAuthenticated("no node has this API key")
    return signed_in(call, Kind.NODE, node.id, [])


def refresh(call: Call, token: str) -> SignedIn:
    """New tokens for the owner of a refresh token."""
    caller = identify(call.core, call.session, token, Use.REFRESH)
    roles = role_names(call, caller.id) if caller.kind is Kind.USER else []
    return signed_in(call, caller.kind, caller.id, roles)


def container_token(call: Call, task_id: object, image: str | None) -> str:
    """A token for an algorithm that the calling node is about to run.

    Raises:
        Invalid: there is no such task, or it is complete.
        Refused: the image is not that of the task, or the task is of another collaboration.
    """
    task = look(call.session, Task, task_id)
    if task is None:
        raise Invalid(f"task {excerpt(task_id)} does not exist")
    node = find(call.session, Node, call.caller.id)
    obstacle = ""
    if image != task.image:
        obstacle = f"the task uses the image {excerpt(task.image)}, not {excerpt(image)}"
    elif node.collaboration_id != task.collaboration_id:
        obstacle = "it belongs to another collaboration than the node"
    call.require("container token.create", Target(f"task {task.id}"), obstacle)
    if is_complete(call.session, task):
        raise Invalid(f"task {task.id} is complete")
    return token_at(call.core, node, task)


def token_at(core: Core, node: Node, task: Task) -> str:
    """The token of an algorithm that runs a task at a node."""
    return core.tokens.container(
        {
            "client_type": str(Kind.CONTAINER),
            "node_id": node.id,
            "organization_id": node.organization_id,
            "collaboration_id": node.collaboration_id,
            "task_id": task.id,
            "image": task.image,
            "database": task.databases[0] if task.databases else "",
        }
    )


def signed_in(call: Call, kind: Kind, key: int, roles: list[str]) -> SignedIn:
    """Tokens for somebody who has shown who they are."""
    tokens = call.core.tokens
    return SignedIn(key, kind, tokens.access(key, kind, roles), tokens.refresh(key, kind, roles))


def role_names(call: Call, user_id: int) -> list[str]:
    """What the roles of a user are called."""
    held = select(UserRole.role_id).where(UserRole.user_id == user_id)
    names = select(Role.name).where(col(Role.id).in_(held)).order_by(col(Role.id))
    return [str(name) for name in call.session.exec(names)]
