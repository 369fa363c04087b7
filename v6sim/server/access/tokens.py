"""Tokens: signed claims that say who is calling (reference: auth, section 1)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from v6sim.server.access.callers import Kind
from v6sim.server.clock import Clock
from v6sim.server.errors import BadToken, ExpiredToken


class Use(StrEnum):
    """What a token is for."""

    ACCESS = "access"
    REFRESH = "refresh"


_OPTIONS: Any = {
    f"verify_{claim}": False for claim in ("aud", "exp", "iat", "iss", "jti", "nbf", "sub")
}
_NEEDED = ("sub", "type", "jti")


@dataclass(frozen=True)
class Tokens:
    """Makes tokens and reads them.

    Args:
        secret: signs them (HS256).
        clock: says when they were made and whether they have expired.
        access_seconds: life of an access token; refresh and container tokens live for ever.
    """

    secret: str = field(repr=False)
    clock: Clock
    access_seconds: int

    def access(self, subject: int, kind: Kind, roles: Sequence[str] = ()) -> str:
        """An access token of a user or node."""
        return self._make(subject, kind, Use.ACCESS, roles, lifetime=self.access_seconds)

    def refresh(self, subject: int, kind: Kind, roles: Sequence[str] = ()) -> str:
        """A token with which a user or node gets new access tokens."""
        return self._make(subject, kind, Use.REFRESH, roles)

    def container(self, subject: dict[str, Any]) -> str:
        """The token of a running algorithm, which names what it belongs to."""
        return self._make(subject, Kind.CONTAINER, Use.ACCESS)

    def recovery(self, user_id: int, lifetime: float) -> str:
        """A token to be mailed to a user; `lifetime` in seconds."""
        subject = {"id": str(user_id)}
        return self._make(subject, Kind.CONTAINER, Use.ACCESS, lifetime=int(lifetime))

    def read(self, token: str, use: Use = Use.ACCESS) -> dict[str, Any]:
        """The claims of a token.

        Raises:
            BadToken: it is none, was signed by somebody else, or is for another use.
            ExpiredToken: it was good once.
        """
        try:
            claims = self._claims(token)
        except ValueError as error:
            raise BadToken(f"not a valid token: {error}") from None
        if missing := [name for name in _NEEDED if name not in claims]:
            raise BadToken(f"not a valid token: it lacks the claim {missing[0]!r}")
        self._check_times(claims)
        if (claims["type"] == Use.REFRESH) != (use is Use.REFRESH):
            raise BadToken(f"a token for {use} is needed here, not one for {claims['type']}")
        return claims

    def expired(self, token: str) -> str:
        """The same token, expired by now; what is no token of this server stays as it is."""
        try:
            claims = self._claims(token)
        except ValueError:
            return token
        past = {**claims, "exp": int(self.clock.now().timestamp())}
        return _encode(past, self.secret)

    def _claims(self, token: str) -> dict[str, Any]:
        return dict(_decode(token, self.secret))

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self.clock.now().timestamp()
        try:
            times = {name: int(claims[name]) for name in ("exp", "iat", "nbf") if name in claims}
        except (TypeError, ValueError, OverflowError):
            raise BadToken("not a valid token: its times are no numbers") from None
        if times.get("exp", now + 1) <= now:
            raise ExpiredToken("the token has expired: log in again")
        if times.get("nbf", 0) > now + 1:
            raise BadToken("the token is not valid yet")

    def _make(
        self,
        subject: int | dict[str, Any],
        kind: Kind,
        use: Use,
        roles: Sequence[str] = (),
        *,
        lifetime: int | None = None,
    ) -> str:
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "fresh": False,
            "iat": now,
            "jti": str(uuid.uuid4()),
            "type": str(use),
            "sub": subject,
            "nbf": now,
            "client_type": str(kind),
            "roles": list(roles),
        }
        if lifetime is not None:
            claims["exp"] = now + lifetime
        return _encode(claims, self.secret)


def _encode(claims: Mapping[str, Any], secret: str) -> str:
    import jwt  # at the first login rather than at the start, of which it would take a part

    return jwt.encode(dict(claims), secret, algorithm="HS256")


@lru_cache(maxsize=1024)
def _decode(token: str, secret: str) -> Mapping[str, Any]:
    """What a token says; most are shown many times.

    Raises:
        ValueError: it is none, or was signed by somebody else.
    """
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
    except jwt.InvalidTokenError as error:
        raise ValueError(str(error)) from None
    return claims
