"""Keys of dicts and members of sets: hashing, comparing and placing them must end soon.

A tuple of tuples that are the same object is small and takes for ever to hash. Numbers that have
one hash make a dict of n of them take n * n steps. So do numbers whose hashes differ, and whose
ways through the table are the same: these are found by the time that they take.
"""

import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.foreign import ForeignObject, make_key

_TEXTS = {str, bytes, type(None), bool}
"""Kinds whose hashes nobody knows before: each process of Python has its own."""

_SURE = _TEXTS | {float, dt.date, dt.datetime, dt.time, dt.timedelta}
"""Kinds of which strangers cannot make many with one hash."""

_LARGEST = 2**60
"""Integers up to it have hashes of their own."""

_LONGEST = 10_000
"""Bytes of a number, say, that is a key."""

_OF_A_PART = 64
"""Bytes of a key that count as one part of it."""

_MOST_ALIKE = 50
"""Members of one container that may have the same hash."""

_FEW, _PORTION = 2_000, 100
"""Keys of a container that cannot take long, and keys between two looks at the clock."""

_SLACK, _OF_A_KEY, _SECONDS_OF_A_PART = 0.5, 4e-6, 2e-7
"""Seconds of the processor: of all keys of a payload, of each, and of each part of a tuple.

An ordinary key takes 0.2 µs.
"""

_OF_A_SLOT = 16
"""Bytes of a set for one member."""

_EMPTY_SET = set[Any]().__sizeof__()


class OffendingKeys(ValueError):
    """Keys take too long to be hashed or placed."""


class HashCheck:
    """Looks at keys before they are hashed, and puts them into containers, for one payload.

    Args:
        budget: what they are counted against, as often as hashing comes by.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._hashes: dict[int, tuple[Any, Counter[int]]] = {}

    def check(self, container: object, keys: Collection[Any]) -> None:
        """Make sure that a container can take keys.

        Raises:
            OffendingKeys: hashing them would take too long, or too many have the same hash.
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
            elif issubclass(kind, ForeignObject):
                self._budget.take_hashing()
                make_key(key)
            elif (size := key.__sizeof__()) > _LONGEST:
                raise OffendingKeys(f"a key that is a {kind.__name__} of {size} bytes")
            else:
                self._budget.take_hashing(1 + size // _OF_A_PART)
            self._note(container, hash(key))

    def fill_mapping(
        self, target: dict[Any, Any], keys: Sequence[Any], values: Iterable[Any]
    ) -> None:
        """Put keys with their values into a mapping.

        Args:
            target: the mapping.
            keys: the keys.
            values: as many values.

        Raises:
            OffendingKeys: hashing or placing the keys takes too long.
            TypeError: one has no hash.
        """
        parts = self._checked(target, keys)
        # a Counter's own `update` would add them up, and an OrderedDict needs its own
        update: Any = dict.update if type(target) is Counter else type(target).update
        pairs = zip(keys, values, strict=True)
        if len(target) + len(keys) <= _FEW or _TEXTS.issuperset(map(type, keys)):
            update(target, pairs)
            return
        while portion := list(islice(pairs, _PORTION)):
            begun = time.thread_time()
            update(target, portion)
            self._take_time(begun, len(portion), parts)

    def fill_set(self, target: set[Any], items: Collection[Any]) -> None:
        """Put members into a set.

        Raises:
            OffendingKeys: hashing or placing them takes too long.
            TypeError: one has no hash.
        """
        parts = self._checked(target, items)
        if len(target) + len(items) <= _FEW or _TEXTS.issuperset(map(type, items)):
            target.update(items)
            return
        members = iter(items)
        while portion := list(islice(members, _PORTION)):
            begun = time.thread_time()
            if _is_nearly_full(target):
                _enlarge(target)
            target.update(portion)
            self._take_time(begun, len(portion), parts)

    def frozen(self, items: Collection[Any]) -> frozenset[Any]:
        """Return a frozen set of members; see `fill_set`."""
        if len(items) <= _FEW:
            self.check(items, items)
            return frozenset(items)
        members: set[Any] = set()
        self.fill_set(members, items)
        return frozenset(_scattered(members))

    def _checked(self, container: object, keys: Collection[Any]) -> float:
        """Look at keys; return how many parts each has, on the average, that are counted."""
        before = self._budget.hashed
        self.check(container, keys)
        return (self._budget.hashed - before) / max(len(keys), 1)

    def _take_time(self, begun: float, keys: int, parts: float) -> None:
        """Count the time that keys took.

        Raises:
            OffendingKeys: it is far more than that of ordinary ones.
        """
        self._budget.check_time()
        ordinary = keys * (_OF_A_KEY + parts * _SECONDS_OF_A_PART)
        if self._budget.take_placing(time.thread_time() - begun - ordinary) > _SLACK:
            raise OffendingKeys("keys that are made to get in each other's way")

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
                if isinstance(part, ForeignObject):
                    make_key(part)
            else:
                waiting.pop()

    def _note(self, container: object, hash_: int) -> None:
        _, alike = self._hashes.setdefault(id(container), (container, Counter()))
        alike[hash_] += 1
        if alike[hash_] > _MOST_ALIKE:
            raise OffendingKeys(f"more than {_MOST_ALIKE} keys with the same hash")


def _is_nearly_full(members: set[Any]) -> bool:
    """Whether a set would make itself a larger table when it takes a portion.

    It fills that one in the order of the smaller, which a stranger can choose, in one step that
    nothing stops.
    """
    slots = (members.__sizeof__() - _EMPTY_SET) // _OF_A_SLOT
    return 5 * (len(members) + _PORTION) >= 3 * slots


def _enlarge(members: set[Any]) -> None:
    """Give a set a larger table."""
    in_order = _scattered(members)
    members.clear()
    members.update(in_order)


def _scattered(members: Collection[Any]) -> dict[Any, None]:
    """Return members in an order that nobody knows before, each in its turn."""
    items = list(members)
    step = random.randint(500, 1_500)  # noqa: S311 - it is for this moment
    places = random.sample(range(step), step)
    return dict.fromkeys(chain.from_iterable(items[place::step] for place in places))
