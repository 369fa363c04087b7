"""Who looks at the pages: sessions of the world's users, kept in signed cookies."""

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any

import jwt
from starlette.requests import Request
from starlette.responses import Response

from v6sim.server.access.callers import Caller, Kind, UserCaller
from v6sim.server.access.rules import RULES, Operation, Scope
from v6sim.server.control.front import ROOT
from v6sim.server.control.guard import is_here
from v6sim.server.errors import NotAuthenticated
from v6sim.server.operations.call import Core
from v6sim.server.operations.callers import of_claims
from v6sim.server.store.find import look
from v6sim.server.store.tables import User

_HOURS = 12  # that a session lasts
_ENDED = 10_000  # sessions that were ended early, of which is known
_ALGORITHM = "HS256"

_GLOBAL = frozenset(rule for rule in RULES if rule.scope is Scope.GLOBAL)
_ONLOOKER = UserCaller(
    Kind.USER, 0, "onlooker", None, frozenset(r for r in RULES if r.operation is Operation.VIEW)
)
"""Who looks without a log-in, where that is allowed: sees everything, and may nothing else."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who looks.

    Args:
        caller: as whom they see things; None: they have to log in first.
        ticket: what ties their forms to them.
        is_logged_in: whether they have; else they are an onlooker, or nobody.
        is_read_only: whether the inspector is, for everybody.
    """

    caller: Caller | None
    ticket: str
    is_logged_in: bool = False
    is_read_only: bool = False

    @property
    def name(self) -> str:
        """What they are called."""
        return self.caller.name if self.caller else "nobody"

    @property
    def runs_the_server(self) -> bool:
        """Whether they hold all global rules, as the role Root does."""
        return self.is_logged_in and self.caller is not None and self.caller.rules >= _GLOBAL

    @property
    def sees_all(self) -> bool:
        """Whether they see what no rule of the API is about: journal, outbox, and so on."""
        return self.runs_the_server or self.caller is _ONLOOKER

    @property
    def may_change(self) -> bool:
        """Whether they may turn what is to be turned."""
        return self.runs_the_server and not self.is_read_only


class Visitors:
    """Knows visitors by their cookies.

    There are two: one from the log-in on, and one before, which only ties forms to a browser. Both
    name the port, as cookies know no ports and several servers may run on a machine.

    Args:
        core: the server's shared parts.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        secret = core.settings.jwt_secret_key.encode()
        self._key = hmac.new(secret, b"v6sim inspector", hashlib.sha256).digest()
        self._ended: deque[str] = deque(maxlen=_ENDED)

    def of(self, request: Request) -> Visitor:
        """Who sends a request."""
        settings = self._core.settings
        is_read_only = settings.inspector == "read-only"
        claims = self._claims(request, "session")
        if caller := self._owner(claims):
            return Visitor(caller, claims["sid"], True, is_read_only)
        ticket = self._claims(request, "visit").get("sid", "")
        is_open = not settings.inspector_login and is_here(request, settings)
        return Visitor(_ONLOOKER if is_open else None, ticket, False, is_read_only)

    def welcome(self, visitor: Visitor) -> Visitor:
        """The same with a ticket; one who has none yet gets it with the answer."""
        if visitor.ticket:
            return visitor
        ticket = secrets.token_urlsafe(24)
        return Visitor(visitor.caller, ticket, False, visitor.is_read_only)

    def give_ticket(self, request: Request, response: Response, visitor: Visitor) -> None:
        """Have the browser keep the ticket of somebody who has not logged in."""
        self._set(request, response, "visit", {"sid": visitor.ticket})

    def log_in(self, request: Request, response: Response, user_id: int) -> None:
        """Begin a session of a user."""
        claims = {"sid": secrets.token_urlsafe(24), "user": user_id, "mark": self._mark(user_id)}
        self._set(request, response, "session", claims)

    def log_out(self, request: Request, response: Response) -> None:
        """End the session; its cookie is of no use from now on."""
        if sid := self._claims(request, "session").get("sid"):
            self._ended.append(sid)
        response.delete_cookie(_name(request, "session"), path=ROOT)

    def form_token(self, visitor: Visitor) -> str:
        """What a form of theirs carries, so that no page of somebody else's can send it."""
        return hmac.new(self._key, visitor.ticket.encode(), hashlib.sha256).hexdigest()

    def is_theirs(self, visitor: Visitor, token: str) -> bool:
        """Whether a form comes from a page that was shown to them."""
        expected = self.form_token(visitor).encode()
        return bool(visitor.ticket) and hmac.compare_digest(expected, token.encode())

    def _owner(self, claims: dict[str, Any]) -> Caller | None:
        """Whose session it is; of a user who is gone, or has another password, nobody's."""
        key = claims.get("user")
        if key is None or claims["sid"] in self._ended or claims["mark"] != self._mark(key):
            return None
        with self._core.store.session() as session:
            try:
                return of_claims(self._core, session, {"sub": key, "client_type": str(Kind.USER)})
            except NotAuthenticated:
                return None

    def _mark(self, user_id: int) -> str:
        """Tells a user's password from others, and from those of others."""
        with self._core.store.session() as session:
            user = look(session, User, user_id)
        kept = f"{user.username} {user.password}" if user else ""
        return hmac.new(self._key, kept.encode(), hashlib.sha256).hexdigest()

    def _claims(self, request: Request, name: str) -> dict[str, Any]:
        cookie = request.cookies.get(_name(request, name), "")
        try:
            claims: dict[str, Any] = jwt.decode(
                cookie, self._key, [_ALGORITHM], options={"verify_exp": False}
            )
        except (jwt.InvalidTokenError, ValueError):
            return {}
        is_old = claims.get("until", 0) <= self._now()
        return {} if is_old or claims.get("what") != name else claims

    def _set(self, request: Request, response: Response, name: str, claims: dict[str, Any]) -> None:
        signed = {**claims, "what": name, "until": self._now() + _HOURS * 3600}
        response.set_cookie(
            _name(request, name), jwt.encode(signed, self._key, _ALGORITHM), path=ROOT,
            secure=request.url.scheme == "https", httponly=True, samesite="strict",
        )  # fmt: skip

    def _now(self) -> float:
        """The time in seconds, whichever way the server's clock was moved: nobody is thrown out."""
        clock = self._core.clock
        return (clock.now() - clock.shifted).timestamp()


def _name(request: Request, what: str) -> str:
    server = request.scope.get("server")
    return f"v6sim-{what}-{server[1] if server else 0}"
