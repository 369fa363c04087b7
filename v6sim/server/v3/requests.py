"""What a route is given: who calls, and a session on the database."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request

from v6sim.server.access.decisions import check_kind
from v6sim.server.errors import BadToken, NotAuthenticated
from v6sim.server.operations.call import Call, Core
from v6sim.server.operations.callers import note_seen, of_claims


def core_of(request: Request) -> Core:
    """The shared parts of the server that a request came to."""
    core: Core = request.app.state.core
    return core


def bearer(request: Request) -> str:
    """The token in the Authorization header (reference: auth, section 1.4)."""
    header = request.headers.get("authorization", "")
    word, *rest = header.split() or [""]
    if word != "Bearer":
        raise NotAuthenticated("log in first: the header `Authorization: Bearer <token>` is needed")
    if len(rest) != 1:
        raise BadToken("the Authorization header has to be `Bearer <token>`")
    return rest[0]


async def _anonymous(request: Request) -> AsyncIterator[Call]:
    core = core_of(request)
    with core.store.session() as session:
        yield Call(core, session)


def asks(*actions: str) -> Any:
    """For a route's signature: the call of somebody who has signed in and asks for an action.

    Raises:
        NotAuthenticated: nobody has signed in.
        Refused: none of the actions is for callers of this kind.
    """

    async def identified(request: Request) -> AsyncIterator[Call]:
        core = core_of(request)
        with core.store.session() as session:
            claims = core.tokens.read(bearer(request))
            caller = of_claims(core, session, claims)
            request.state.caller, request.state.expires = caller, claims.get("exp")
            check_kind(caller, actions)
            note_seen(core, caller)
            yield Call(core, session, caller)

    return Depends(identified)


def _path_id(name: str) -> Any:
    """A number in the path.

    FastAPI would look at it once more, which makes it import pydantic's first version: a good part
    of the time that a server needs to start.
    """

    async def number(request: Request) -> int:
        return int(request.path_params[name])

    return Depends(number)


Key = Annotated[int, _path_id("key")]
"""The id in a path."""

RuleId = Annotated[int, _path_id("rule_id")]
"""The second id in a path: that of a rule."""

AnonymousDep = Annotated[Call, Depends(_anonymous)]
"""A call for which nobody has to sign in."""
