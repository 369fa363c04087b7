"""What a route is given: who calls, and a session on the database."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from sqlmodel import Session

from v6sim.server.access.callers import Caller
from v6sim.server.errors import BadToken, Invalid, NotAuthenticated
from v6sim.server.operations.call import Call, Core
from v6sim.server.operations.callers import note_seen, of_claims
from v6sim.server.v3 import path_numbers  # noqa: F401  # before any path is compiled
from v6sim.server.v3.bodies import receive
from v6sim.server.v3.long_bodies import can_be_long, receive_short

T = TypeVar("T")

REHEARSAL = "rehearsal"
"""What a request's state says if nothing of it is to last."""


def core_of(request: Request) -> Core:
    """The shared parts of the server that a request came to."""
    core: Core = request.app.state.core
    return core


def bearer(request: Request) -> str:
    """The token in the Authorization header (reference: auth, section 1.4)."""
    values = [value.split() for value in request.headers.get("authorization", "").split(",")]
    ours = [words[1:] for words in values if words and words[0] == "Bearer"]
    if len(ours) != 1:
        raise NotAuthenticated("log in first: the header `Authorization: Bearer <token>` is needed")
    if len(ours[0]) != 1:
        raise BadToken("the Authorization header has to be `Bearer <token>`")
    return ours[0][0]


def signed_in(request: Request, session: Session) -> Caller:
    """Whose token a request shows.

    Raises:
        NotAuthenticated: nobody has signed in.
    """
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        core = core_of(request)
        caller = of_claims(core, session, core.tokens.read(bearer(request)))
        request.state.caller = caller
    return caller


def is_rehearsal(request: Request) -> bool:
    """Whether nothing of a request is to last: somebody only wants to know what would happen."""
    return getattr(request.state, REHEARSAL, False)


async def _anonymous(request: Request) -> AsyncIterator[Call]:
    if is_rehearsal(request) and request.method != "GET":
        # Else a rehearsal would try passwords, and uncount the failures; and show live tokens.
        request.state.declined = text = (
            f"{request.url.path} takes or gives credentials, for which nobody has to log in: it is "
            "not tried out"
        )
        raise Invalid(text)
    if can_be_long(request):
        request.state.body = await receive_short(request, "the most that needs no token")
    else:
        await receive(request)
    with _session(request) as session:
        yield _call(request, session)


def _session(request: Request) -> AbstractContextManager[Session]:
    store = core_of(request).store
    if is_rehearsal(request):
        return store.rehearsal()
    return store.session(frees_room=request.method == "DELETE")


def _call(request: Request, session: Session, caller: Caller | None = None) -> Call:
    what = f"{request.method} {request.url.path}"
    call = Call(core_of(request), session, caller, what, is_rehearsal(request))
    request.state.records = call.records
    return call


def asks(*actions: str) -> Any:
    """For a route's signature: the call of somebody who has signed in and asks for an action.

    Raises:
        NotAuthenticated: nobody has signed in.
        Refused: none of the actions is for callers of this kind.
    """

    async def identified(request: Request) -> AsyncIterator[Call]:
        await receive_from_caller(request)
        with calling(request, *actions) as call:
            yield call

    return Depends(identified)


@contextmanager
def calling(request: Request, *actions: str) -> Iterator[Call]:
    """The call of somebody who has signed in and asks for an action; its body is read already.

    Raises:
        NotAuthenticated: nobody has signed in.
        Refused: none of the actions is for callers of this kind.
    """
    with _session(request) as session:
        caller = signed_in(request, session)
        call = _call(request, session, caller)
        call.require_kind(actions)
        if not call.is_rehearsal:
            note_seen(core_of(request), caller)
        yield call


async def receive_from_caller(request: Request) -> None:
    """Wait for all of a body; for a long one, only from somebody who has signed in.

    Raises:
        NotAuthenticated: nobody has.
        TooLarge: there is more of it than there may be.
    """
    core = core_of(request)
    if can_be_long(request):
        with _session(request) as session:
            signed_in(request, session)
    await receive(request, core.settings.longest_string)


def _in_path(name: str, kind: Callable[[str], T]) -> Any:
    """A part of the path.

    FastAPI would look at it once more, which makes it import pydantic's first version: a good part
    of the time that a server needs to start.
    """

    async def part(request: Request) -> T:
        return kind(request.path_params[name])

    return Depends(part)


Key = Annotated[int, _in_path("key", int)]
"""The id in a path."""

RuleId = Annotated[int, _in_path("rule_id", int)]
"""The second id in a path: that of a rule."""

Name = Annotated[str, _in_path("name", str)]
"""The name in a path."""

AnonymousDep = Annotated[Call, Depends(_anonymous)]
"""A call for which nobody has to sign in."""
