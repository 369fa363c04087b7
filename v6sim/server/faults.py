"""Misbehaviour on call: answers that fail, are late, or break off."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any, Literal

from pydantic import Field

from v6sim.chance import Chance, build

Kind = Literal["status", "slow", "cut", "lost", "expired"]


@dataclass
class Fault(Chance):
    """How requests of some kind fail.

    Args:
        kind: `status` answers that; `slow` waits, then answers as usual; `cut` breaks off in
            mid-answer, and nothing is done; `lost` does what is asked, and breaks off; `expired`
            takes the request's token for one of the past.
        method: of HTTP; None for all.
        path: below that of the API, with `*` for anything; None for all.
        status: what to answer.
        seconds: how long to wait.
    """

    kind: Kind
    method: str | None = None
    path: str | None = None
    status: Annotated[int, Field(ge=200, le=599)] = 500
    seconds: Annotated[float, Field(ge=0)] = 0.0

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Fault":
        """From its fields by name.

        Raises:
            WrongFault: one of them is none, or has a value that it cannot have.
        """
        return build(cls, str(given.get("kind")), given)

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is one of those."""
        if self.method is not None and method != self.method.upper():
            return False
        if self.path is None:
            return True
        pattern = ".*".join(re.escape(part) for part in self.path.split("*"))
        return re.fullmatch(pattern, path) is not None


class Faults:
    """The faults of one server; none to begin with."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._numbers = count(1)
        self._random = random.Random(0)  # noqa: S311 - the same each time

    @property
    def numbered(self) -> dict[int, Fault]:
        """All of them by their numbers, the one that applies first before others."""
        return dict(self._faults)

    def add(self, fault: Fault) -> Fault:
        """Have requests fail from now on; earlier faults come first."""
        self._faults[next(self._numbers)] = fault
        return fault

    def remove(self, fault: Fault) -> None:
        """Have that end."""
        self._faults = {key: each for key, each in self._faults.items() if each is not fault}

    def clear(self, seed: int = 0) -> None:
        """Be well again; what is drawn from now on depends on the seed."""
        self._faults.clear()
        self._random.seed(seed)

    def draw(self, method: str, path: str) -> Fault | None:
        """The fault that a request meets, if any; it is counted."""
        for fault in self._faults.values():
            if fault.fits(method, path) and fault.strikes(self._random.random):
                fault.tell()
                return fault
        return None
