"""Passwords and second factors of existing users (reference: auth, sections 2 and 3)."""

from sqlmodel import select

from v6sim.server.access import second_factor
from v6sim.server.access.decisions import Target
from v6sim.server.access.passwords import hash_password, is_password
from v6sim.server.errors import BadToken, Invalid, NotAuthenticated
from v6sim.server.events import MailWritten
from v6sim.server.operations.call import Call
from v6sim.server.operations.logins import check_login
from v6sim.server.operations.users import check_password
from v6sim.server.store.find import find, look
from v6sim.server.store.tables import User


def change_password(call: Call, current: str, new: str) -> None:
    """Change the caller's own password."""
    user = find(call.session, User, call.caller.id)
    call.require("password.change", Target("one's own password", identity_id=user.id))
    if not is_password(current, user.password or ""):
        raise NotAuthenticated("the current password is wrong")
    if new == current:
        raise Invalid("the new password is the same as the current one")
    _set_password(call, user, new)


def send_reset_token(call: Call, username: str | None, email: str | None) -> None:
    """Mail a token with which a lost password can be replaced; unknown names pass in silence."""
    if user := _find(call, username, email):
        _mail(call, user, "Password reset vantage6", "a new password")


def reset_password(call: Call, token: str, password: str) -> None:
    """Replace a lost password with the help of a mailed token."""
    user = _owner(call, token)
    user.failed_logins = 0
    _set_password(call, user, password)


def send_factor_token(
    call: Call, username: str | None, email: str | None, password: object
) -> None:
    """Mail a token with which a lost second factor can be replaced."""
    if user := _find(call, username, email):
        check_login(call, user, password)
        _mail(call, user, "Two-factor authentication reset vantage6", "a new second factor")


def reset_factor(call: Call, token: str) -> second_factor.Factor:
    """Replace a lost second factor with the help of a mailed token."""
    user = _owner(call, token)
    factor = second_factor.create(user.username or "")
    user.otp_secret = factor.secret
    call.session.add(user)
    call.commit()
    return factor


def _find(call: Call, username: str | None, email: str | None) -> User | None:
    condition = User.username == username if username else User.email == email
    return call.session.exec(select(User).where(condition)).first()


def _mail(call: Call, user: User, subject: str, purpose: str) -> None:
    minutes = call.core.settings.smtp.email_token_validity_minutes
    token = call.core.tokens.recovery(user.id, minutes * 60)
    text = (
        f"Hello {user.firstname or user.username},\n\n"
        f"somebody, hopefully you, asked for {purpose}. This token allows it:\n\n{token}\n\n"
        f"It is good for {minutes:g} minutes. If it was not you, do nothing.\n"
    )
    call.publish(MailWritten(user.email or "", subject, text, call.core.clock.now()))
    call.commit()


def _owner(call: Call, token: str) -> User:
    try:
        subject = call.core.tokens.read(token)["sub"]
    except BadToken as error:
        raise Invalid(f"the reset token is not good: {error}") from None
    user = look(call.session, User, subject.get("id")) if isinstance(subject, dict) else None
    if user is None:
        raise Invalid("the reset token belongs to nobody")
    return user


def _set_password(call: Call, user: User, password: str) -> None:
    check_password(password)
    user.password = hash_password(password, call.core.settings.password_rounds)
    call.session.add(user)
    call.commit()
