"""Misbehaviour on call: answers that fail, are late, or break off."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

Kind = Literal["status", "slow", "cut"]


@dataclass
class Fault:
    """How requests of some kind fail.

    Args:
        kind: `status` answers that; `slow` waits, then answers as usual; `cut` breaks off.
        method: of HTTP; None for all.
        path: below that of the API, with `*` for anything; None for all.
        status: what to answer.
        seconds: how long to wait.
        times: how often it happens; None for always.
        probability: of it happening, from 0 to 1.

    Once it is added, `number` tells it from others.
    """

    kind: Kind
    method: str | None = None
    path: str | None = None
    status: int = 500
    seconds: float = 0.0
    times: int | None = None
    probability: float = 1.0
    number: int = field(default=0, init=False, compare=False)

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
        self._faults: list[Fault] = []
        self._numbers = count(1)
        self._random = random.Random(0)  # noqa: S311 - the same each time

    def __iter__(self) -> Iterator[Fault]:
        """All of them, the first that applies first."""
        return iter(tuple(self._faults))

    def add(self, fault: Fault) -> Fault:
        """Have requests fail from now on; earlier faults come first."""
        fault.number = next(self._numbers)
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Have that end."""
        if fault in self._faults:
            self._faults.remove(fault)

    def clear(self, seed: int = 0) -> None:
        """Be well again; what is drawn from now on depends on the seed."""
        self._faults.clear()
        self._random.seed(seed)

    def draw(self, method: str, path: str) -> Fault | None:
        """The fault that a request meets, if any; it is counted."""
        for fault in self._faults:
            if not fault.fits(method, path) or fault.times == 0:
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None
