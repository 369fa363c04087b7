"""The requests of late: who asked what, and what the answer was."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TypedDict

from v6sim.server.access.callers import Caller, ContainerCaller

_KEPT = 5_000  # requests
_LONGEST = 20_000  # bytes of a body


@dataclass(frozen=True)
class Request:
    """A request, and how it was answered.

    Args:
        id: its number, counting up.
        at: when it came.
        method: of HTTP.
        path: below that of the API, such as `/task/1`; others as they are.
        query: what came after the question mark.
        kind: user, node or container; empty if nobody signed in.
        caller: name of who asked; empty if nobody signed in.
        caller_id: their id, for a container that of its node; 0 if nobody signed in.
        task_id: the task of a container; else None.
        status: of the answer.
        seconds: how long that took.
        body: its first 20,000 bytes; empty where it held a secret.
    """

    id: int
    at: datetime
    method: str
    path: str
    query: str
    kind: str
    caller: str
    caller_id: int
    task_id: int | None
    status: int
    seconds: float
    body: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        """As messages show it."""
        query = f"?{self.query}" if self.query else ""
        by = f"{self.kind} {self.caller!r}" if self.kind else "nobody"
        return f"{self.method} {self.path}{query} by {by}: {self.status}"


class RequestQuery(TypedDict, total=False):
    """Which requests are of interest.

    Args:
        method: of HTTP.
        path: below that of the API; `/task` is that path alone, `/task/*` all below it.
        by: a kind of caller (`user`, `node`, `container`), or the name of one.
        status: of the answer.
    """

    method: str | None
    path: str | None
    by: str | None
    status: int | None


class Journal:
    """Keeps the last few thousand requests."""

    def __init__(self) -> None:
        self._requests: deque[Request] = deque(maxlen=_KEPT)
        self._ids = count(1)

    @property
    def last(self) -> int:
        """The number of the newest request; 0 if there is none."""
        return self._requests[-1].id if self._requests else 0

    def note(
        self, at: datetime, method: str, path: str, query: str, caller: Caller | None,
        status: int, seconds: float, body: bytes,
    ) -> None:  # fmt: skip
        """Take down a request; see `Request`."""
        self._requests.append(
            Request(
                next(self._ids), at, method, path, "" if _is_control(path) else query,
                str(caller.kind) if caller else "",
                caller.name if caller else "",
                caller.id if caller else 0,
                caller.task_id if isinstance(caller, ContainerCaller) else None,
                status, seconds, b"" if _is_secret(path) else body[:_LONGEST],
            )
        )  # fmt: skip

    def requests(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        by: str | None = None,
        status: int | None = None,
    ) -> list[Request]:
        """The requests that fit all that is given, the oldest first; see `RequestQuery`."""
        return [
            request
            for request in self._requests
            if (method is None or request.method == method.upper())
            and (path is None or _fits(request.path, path))
            and (by is None or by in (request.kind, request.caller))
            and (status is None or request.status == status)
        ]

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._requests.clear()


def _fits(path: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return path == pattern


def _is_control(path: str) -> bool:
    """Return whether a path is a mistyped one of `/_v6sim/`, whose query may hold the secret."""
    return "_v6sim" in path


def _is_secret(path: str) -> bool:
    return path.startswith(("/token", "/recover", "/password", "/user"))
