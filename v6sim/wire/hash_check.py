"""Keys of dicts and members of sets: hashing and comparing them must end soon.

A tuple of tuples that are the same object is small and takes for ever to hash. Numbers that have
one hash make a dict of n of them take n * n steps.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import Any

from v6sim.wire.budget import Budget

_SURE = {str, bytes, type(None), bool, float, dt.date, dt.datetime, dt.time, dt.timedelta}
"""Kinds of which strangers cannot make many with one hash."""

_LARGEST = 2**60
"""Integers up to it have hashes of their own."""

_LONGEST = 10_000
"""Bytes of a number, say, that is a key."""

_MOST_ALIKE = 50
"""Members of one container that may have the same hash."""


class HashCheck:
    """Looks at keys before they are hashed, for one payload.

    Args:
        budget: what they are counted against, as often as hashing comes by.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._hashes: dict[int, tuple[Any, Counter[int]]] = {}

    def check(self, container: object, keys: Collection[Any]) -> None:
        """Make sure that a container can take keys.

        Raises:
            ValueError: hashing them would take too long, or too many have the same hash.
            TypeError: one has no hash.
        """
        if _SURE.issuperset(map(type, keys)):
            return
        for key in keys:
            kind = type(key)
            if kind in _SURE or (kind is int and -_LARGEST < key < _LARGEST):
                continue
            if kind in (tuple, frozenset):
                self._count(key)
            elif key.__sizeof__() > _LONGEST:
                raise ValueError(f"a key that is a {kind.__name__} of {key.__sizeof__()} bytes")
            self._note(container, hash(key))

    def _count(self, key: Any) -> None:
        """Count all that is in a key, each part as often as it is referred to."""
        waiting = [iter(key)]
        while waiting:
            for part in waiting[-1]:
                self._budget.take_hashing()
                if type(part) in (tuple, frozenset):
                    self._budget.check_depth(len(waiting))
                    waiting.append(iter(part))
                    break
            else:
                waiting.pop()

    def _note(self, container: object, hash_: int) -> None:
        _, alike = self._hashes.setdefault(id(container), (container, Counter()))
        alike[hash_] += 1
        if alike[hash_] > _MOST_ALIKE:
            raise ValueError(f"more than {_MOST_ALIKE} keys with the same hash")
