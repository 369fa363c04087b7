"""Who may use what lies under `/_v6sim/`: who shows the secret, or a token for what is theirs."""

import hmac

from fastapi import Request

from v6sim.server.access.callers import Caller, NodeCaller
from v6sim.server.errors import BadToken, NotAuthenticated, Refused
from v6sim.server.v3.requests import core_of, signed_in

_WRONG = "that is not the secret of this v6sim: each start makes another one, unless one is given"
_HOW = (
    "It is shown as `Authorization: Bearer <secret>`. Programs of the user who started this v6sim "
    "find it by themselves, on the same machine; others take it from the environment variable "
    "V6SIM_CONTROL_TOKEN, or from a file (--token-file)"
)


async def allow_anybody(request: Request) -> None:
    """Let everybody in: for what says nothing of the federation."""


async def require_secret(request: Request) -> None:
    """Let those in who show the secret.

    Raises:
        Refused: the setting `control` is off.
        NotAuthenticated: the secret is missing, or another one is shown.
    """
    _require_control(request)
    if not has_secret(request):
        is_shown = "authorization" in request.headers
        problem = _WRONG if is_shown else "this takes the secret of this v6sim"
        raise NotAuthenticated(f"{problem}. {_HOW}")


async def require_token(request: Request) -> None:
    """Let those in who show the secret, or a token of the API for what is their own.

    Raises:
        Refused: the setting `control` is off.
        NotAuthenticated: neither is shown.
    """
    _require_control(request)
    if has_secret(request):
        request.state.caller = None
        return
    try:
        with core_of(request).store.session() as session:
            signed_in(request, session)
    except BadToken as error:
        raise NotAuthenticated(str(error)) from None


async def require_node(request: Request) -> None:
    """Let nodes in, which show their token.

    Raises:
        Refused: the setting `control` is off, or it is the token of somebody else.
        NotAuthenticated: none is shown.
    """
    await require_token(request)
    if not isinstance(request.state.caller, NodeCaller):
        raise Refused("only nodes tell of their runs, with their token")


def _require_control(request: Request) -> None:
    if not core_of(request).settings.control:
        raise Refused("the setting `control` of this server is off")


def caller_of(request: Request) -> Caller | None:
    """Return whose token was let in; None stands for the secret, which is good for all."""
    caller: Caller | None = request.state.caller
    return caller


def has_secret(request: Request) -> bool:
    """Return whether a request shows the secret."""
    word, _, shown = request.headers.get("authorization", "").partition(" ")
    return word == "Bearer" and is_secret(request.app.state.secret, shown)


def is_secret(secret: str, shown: str) -> bool:
    """Return whether a text is the secret, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(secret.encode(), shown.encode(errors="replace"))
