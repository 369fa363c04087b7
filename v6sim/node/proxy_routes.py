"""Requests that a node's proxy passes on: a closed list, and nothing else.

An algorithm is a stranger. Its request is matched against the list, and its address is built anew
from the parts that were recognized: no spelling of a path reaches anything but these routes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = "{id}"
_PART = re.compile(r"[a-z]+|[0-9]{1,18}", re.ASCII)
_SLASHES = re.compile(r"/+")

ROUTES = (
    "GET /result",
    "GET /result/{id}",
    "GET /task",
    "POST /task",
    "GET /task/{id}",
    "GET /task/{id}/result",
    "GET /organization",
    "GET /organization/{id}",
    "GET /collaboration/{id}",
    "GET /collaboration/{id}/organization",
    "GET /port",
    "GET /port/{id}",
    "GET /version",
    "GET /health",
    "GET /health/fix",
)
"""What a 3.7 server answers to the token of an algorithm (reference: permissions, section 4).

A test asks each route of the server with such a token, and compares. Left out on purpose are the
open routes that take or replace credentials, of which an algorithm has none: log-in and recovery.
"""

WITHOUT_TOKEN = frozenset({"GET /version"})
"""R's client asks for the version before it shows its token."""


@dataclass(frozen=True)
class RouteMatch:
    """A request that is on the list.

    Args:
        route: the entry of the list, such as `GET /task/{id}`.
        path: the path to ask the server for, built anew.
    """

    route: str
    path: str


def match_route(method: str, target: str) -> RouteMatch | None:
    """Return the entry of the list that a request fits, or None.

    Args:
        method: HTTP method. HEAD counts as GET.
        target: the request target as it was sent, undecoded, with or without a query. Only the
            origin form (a path) is accepted. Repeated slashes count as one, as at a genuine node.
    """
    raw = target.partition("?")[0]
    if not raw.startswith("/"):
        return None
    parts = _SLASHES.split(raw)[1:]
    if not all(_PART.fullmatch(part) for part in parts):
        return None
    wanted = "GET" if method == "HEAD" else method
    template = "/".join(_template(parts))
    route = f"{wanted} /{template}"
    if route not in ROUTES:
        return None
    return RouteMatch(route, "/" + "/".join(_canonical(part) for part in parts))


def _template(parts: list[str]) -> Iterator[str]:
    for part in parts:
        yield _NUMBER if part.isdecimal() else part


def _canonical(part: str) -> str:
    return str(int(part)) if part.isdecimal() else part
