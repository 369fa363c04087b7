"""Who looks at the pages: sessions in signed cookies, of the world's users or of the operator.

The operator is who has the secret of the server. The operator sees everything, and alone turns
clock, faults and snapshots.
"""

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import jwt
from starlette.requests import Request
from starlette.responses import Response

from v6sim.server.access.callers import Caller, Kind, UserCaller
from v6sim.server.access.rules import RULES, Operation, Scope
from v6sim.server.control.authentication import is_secret
from v6sim.server.control.front import ROOT
from v6sim.server.errors import NotAuthenticated
from v6sim.server.operations.call import Core
from v6sim.server.operations.callers import of_claims
from v6sim.server.store.find import look
from v6sim.server.store.tables import User

_HOURS = 12  # that a session lasts
_ENDED = 10_000  # sessions that were ended early, of which is known
_ALGORITHM = "HS256"

_GLOBAL = frozenset(rule for rule in RULES if rule.scope is Scope.GLOBAL)
_OPERATOR = UserCaller(
    Kind.USER, 0, "operator", None, frozenset(r for r in RULES if r.operation is Operation.VIEW)
)
"""As whom the operator sees things: all there is to see by the rules of the API."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who looks.

    Args:
        caller: as whom they see things; None: they have to log in first.
        ticket: what ties their forms to them.
        is_read_only: whether the inspector is, for everybody.
    """

    caller: Caller | None
    ticket: str
    is_read_only: bool = False

    @property
    def is_logged_in(self) -> bool:
        """Whether they have a session."""
        return self.caller is not None

    @property
    def is_operator(self) -> bool:
        """Whether they have shown the secret of the server."""
        return self.caller is _OPERATOR

    @property
    def name(self) -> str:
        """What they are called."""
        return self.caller.name if self.caller else "nobody"

    @property
    def sees_all(self) -> bool:
        """Whether they see what no rule of the API is about: journal, outbox, and so on.

        That is for the operator, and for who holds all global rules, as the role Root does.
        """
        return self.is_operator or (self.caller is not None and self.caller.rules >= _GLOBAL)

    @property
    def may_change(self) -> bool:
        """Whether they may turn what is to be turned."""
        return self.is_operator and not self.is_read_only


class Visitors:
    """Knows visitors by their cookies.

    There are two: one from the log-in on, and one before, which only ties forms to a browser. Both
    name the port, as cookies know no ports and several servers may run on a machine.

    Args:
        core: the server's shared parts.
        secret: the secret of the server, with which a session of the operator is signed too.
    """

    def __init__(self, core: Core, secret: str) -> None:
        self._core, self._secret = core, secret
        key = core.settings.jwt_secret_key.encode()
        self._key = hmac.new(key, b"v6sim inspector", hashlib.sha256).digest()
        self._ended: deque[str] = deque(maxlen=_ENDED)

    def of(self, request: Request) -> Visitor:
        """Who sends a request."""
        is_read_only = self._core.settings.inspector == "read-only"
        claims = self._claims(request, "session")
        if caller := self._owner(claims):
            return Visitor(caller, claims["sid"], is_read_only)
        return Visitor(None, self._claims(request, "visit").get("sid", ""), is_read_only)

    def welcome(self, visitor: Visitor) -> Visitor:
        """The same with a ticket; one who has none yet gets it with the answer."""
        return visitor if visitor.ticket else replace(visitor, ticket=secrets.token_urlsafe(24))

    def give_ticket(self, request: Request, response: Response, visitor: Visitor) -> None:
        """Have the browser keep the ticket of somebody who has not logged in."""
        self._set(request, response, "visit", {"sid": visitor.ticket})

    def log_in(self, request: Request, response: Response, user_id: int) -> None:
        """Begin a session of a user."""
        claims = {"sid": secrets.token_urlsafe(24), "user": user_id, "mark": self._mark(user_id)}
        self._set(request, response, "session", claims)

    def open_by_secret(self, request: Request, response: Response, shown: str) -> bool:
        """Begin a session of the operator; returns whether what is shown is the secret."""
        if not self._core.settings.control or not is_secret(self._secret, shown):
            return False
        sid = secrets.token_urlsafe(24)
        self._set(request, response, "session", {"sid": sid, "mark": self._operator_mark(sid)})
        return True

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
        if not claims or claims["sid"] in self._ended:
            return None
        key = claims.get("user")
        mark = self._operator_mark(claims["sid"]) if key is None else self._mark(key)
        if not hmac.compare_digest(claims["mark"], mark):
            return None
        if key is None:
            return _OPERATOR
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

    def _operator_mark(self, sid: str) -> str:
        """Tells a session of the operator: only who knows the secret can make one."""
        return hmac.new(self._secret.encode(), sid.encode(), hashlib.sha256).hexdigest()

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
