"""Saying what is waited for, to those who wait: once it has taken a while, and once."""

import time
from collections.abc import Callable

from v6sim.wire.wait_reasons import SECONDS

_PAUSE = 1.0  # seconds between two looks at the reasons

Tell = Callable[[str], None]


class WaitNotices:
    """Says what somebody waits for, where that has been the same for some seconds.

    Args:
        ask: finds out what is waited for, as lines.
        tell: takes each line, once; None: nobody wants to know.
    """

    def __init__(self, ask: Callable[[], list[str]], tell: Tell | None) -> None:
        self._ask, self._tell = ask, tell
        self._begun = time.monotonic()
        self._due = self._begun + _PAUSE
        self._since: dict[str, float] | None = None
        self._said: set[str] = set()

    def look(self) -> None:
        """Say what there is to say, if it is time for that."""
        now = time.monotonic()
        if self._tell is None or now < self._due:
            return
        known, first = self._since or {}, self._begun if self._since is None else now
        self._since = {line: known.get(line, first) for line in self._ask()}
        for line, since in self._since.items():
            if now - since >= SECONDS and line not in self._said:
                self._said.add(line)
                self._tell(line)
        self._due = now + _PAUSE
