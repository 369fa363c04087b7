"""Who may use what lies under `/_v6sim/`: who shows the secret, or a token for what is theirs."""

import hmac

from fastapi import Request
from sqlmodel import Session

from v6sim.server.access.callers import Caller
from v6sim.server.errors import NotAuthenticated, Refused
from v6sim.server.v3.requests import core_of, signed_in


async def allow_anybody(request: Request) -> None:
    """Let everybody in: for what says nothing of the federation."""


async def require_control(request: Request) -> None:
    """Let those in who show a token, which the route looks at itself.

    Raises:
        Refused: the setting `control` is off.
    """
    if not core_of(request).settings.control:
        raise Refused("the setting `control` of this server is off")


async def require_secret(request: Request) -> None:
    """Let those in who show the secret.

    Raises:
        Refused: the setting `control` is off.
        NotAuthenticated: the secret is missing, or another one is shown.
    """
    await require_control(request)
    if not has_secret(request):
        raise NotAuthenticated(
            "this takes the secret of this v6sim, as `Authorization: Bearer <secret>`. Programs of "
            "the user who started it find it by themselves; others are told it in the environment "
            "variable V6SIM_CONTROL_TOKEN"
        )


def has_secret(request: Request) -> bool:
    """Return whether a request shows the secret."""
    word, _, shown = request.headers.get("authorization", "").partition(" ")
    return word == "Bearer" and is_secret(request.app.state.secret, shown)


def is_secret(secret: str, shown: str) -> bool:
    """Return whether a text is the secret, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(secret.encode(), shown.encode(errors="replace"))


def caller_of(request: Request, session: Session) -> Caller | None:
    """Return whose token a request shows; None stands for the secret, which is good for all.

    Raises:
        NotAuthenticated: it shows neither.
    """
    return None if has_secret(request) else signed_in(request, session)
