"""What tests may turn on a running server: its time, its past, its journal and its faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from v6sim.sandbox.arguments import check_duration
from v6sim.server.faults import Fault, Kind
from v6sim.server.journal import Request
from v6sim.server.operations.call import Core

Do = Callable[[Callable[[], Any]], Any]
"""Has something done where the server runs, and gives what comes of it."""


@dataclass(frozen=True)
class Permission:
    """What would come of a request; true if it would be allowed.

    Args:
        status: the status it would be answered with.
        why: the decisions behind it, in words; empty if none was needed.
        smallest_role: of the roles that would allow it, the one with the fewest rules.
        body: the answer's body.
    """

    status: int
    why: str
    smallest_role: str | None
    body: Any

    def __bool__(self) -> bool:
        return self.status < 400

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Permission":
        """From what the server tells of a request that it has tried out."""
        decisions = told["decisions"]
        refusals = [each for each in decisions if not each["allowed"]]
        smallest = refusals[-1]["smallest_role"] if refusals else None
        why = "; ".join(each["text"] for each in decisions)
        return cls(told["status"], why, smallest, told["body"])


class ClockControl:
    """Moves the server's clock: tokens expire and pauses end without waiting.

    Args:
        core: the server's shared parts.
        do: reaches where it runs.
    """

    def __init__(self, core: Core, do: Do) -> None:
        self._core, self._do = core, do

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move it on as if that time had passed; a reset puts it back.

        It returns when what was due meanwhile is done, such as finding out which nodes are silent.

        Raises:
            WrongArgument: it would go back, or something is no number.
        """
        by = check_duration(seconds=seconds, minutes=minutes, hours=hours)
        self._do(lambda: self._core.clock.advance(by))

    def now(self) -> datetime:
        """What time it is there, with zone UTC."""
        moment: datetime = self._do(self._core.clock.now)
        return moment


class FaultControl:
    """Has the server misbehave; a reset heals it.

    Args:
        core: the server's shared parts.
        do: reaches where it runs.
    """

    def __init__(self, core: Core, do: Do) -> None:
        self._core, self._do = core, do

    def add(self, kind: Kind, path: str | None = None, **options: Any) -> Fault:
        """Have requests fail from now on.

        Args:
            kind: `status` answers an error; `slow` is late; `cut` breaks off in mid-answer.
            path: which requests, such as `/task/*`; None for all.
            options: method, status, seconds, times (how often) and probability.
        """
        fault = Fault(kind, path=path, **options)
        self._do(lambda: self._core.faults.add(fault))
        return fault

    def remove(self, fault: Fault) -> None:
        """Have that end."""
        self._do(lambda: self._core.faults.remove(fault))

    def clear(self, seed: int = 0) -> None:
        """Heal the server; what is drawn by chance from now on depends on the seed."""
        self._do(lambda: self._core.faults.clear(seed))


class JournalView:
    """The requests that the server has seen since the start or the last reset.

    Args:
        core: the server's shared parts.
        do: reaches where it runs.
    """

    def __init__(self, core: Core, do: Do) -> None:
        self._core, self._do = core, do

    def requests(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        by: str | None = None,
        status: int | None = None,
    ) -> list[Request]:
        """The requests that fit all that is given; see `v6sim.server.journal.Journal`."""
        found: list[Request] = self._do(
            lambda: self._core.journal.requests(method=method, path=path, by=by, status=status)
        )
        return found
