"""Looking for values of the local data in what leaves."""

import re
from collections.abc import Iterator

from v6sim.egress.leaves import Leaf
from v6sim.egress.local_data import LocalData, comparable, words
from v6sim.wire.budget import Budget

_LONGEST_NUMBER = 400  # characters
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")

Match = tuple[str | float, bool]
"""A value of the data in the form in which it is compared, and whether it is a part of a text."""


class Search:
    """Finds values of an organization's data; a text that comes again is looked up.

    Args:
        known: the data.
        budget: counts what is looked at.
    """

    def __init__(self, known: LocalData, budget: Budget) -> None:
        self.budget = budget
        self._known = known
        self._matches: dict[str, tuple[Match, ...]] = {}
        """Of texts alone: numbers can be chosen so that a dict of them takes long."""

    def matches(self, leaf: Leaf) -> tuple[Match, ...]:
        """Return the values of the data that a leaf is, or that stand in its text.

        Raises:
            PayloadTooLarge: too much was looked at.
        """
        value = leaf.value
        if isinstance(value, str):
            found = self._matches.get(value)
            if found is None:
                parts = self._parts(value)
                found = tuple(part for part in parts if self._is_known(part[0]))
                self._matches[value] = found
            return found
        self.budget.take_values()
        if isinstance(value, bool):
            return ()
        number = comparable(value)
        return ((number, False),) if self._is_known(number) else ()

    def _is_known(self, value: str | float) -> bool:
        return value in self._known.unique or value in self._known.identifiers

    def _parts(self, value: str) -> Iterator[Match]:
        """A text itself, and the words and numbers in it."""
        self.budget.take_values()
        yield comparable(value), False
        found, phrases = words(value), self._known.phrases
        for start, word in enumerate(found):
            self.budget.take_values()
            yield word, len(found) > 1
            for count in phrases.get(word, ()):
                if start + count <= len(found):
                    self.budget.take_values(count)
                    yield " ".join(found[start : start + count]), len(found) > count
            number = word.rstrip(".")
            if len(number) <= _LONGEST_NUMBER and _NUMBER.fullmatch(number):
                yield float(number), True
