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
        if isinstance(value, bool):
            return ()
        if not isinstance(value, str):
            return self._found(value)
        found = self._matches.get(value)
        if found is None:
            found = self._matches[value] = self._found(value)
        return found

    def _found(self, value: str | float) -> tuple[Match, ...]:
        return tuple(match for match in self._candidates(value) if self._is_known(match))

    def _is_known(self, match: Match) -> bool:
        value, _ = match
        return value in self._known.unique or value in self._known.identifiers

    def _candidates(self, value: str | float) -> Iterator[Match]:
        """A value itself, and the words and numbers of a text."""
        self.budget.take_values()
        yield comparable(value), False
        if not isinstance(value, str):
            return
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
