"""Saying what is waited for, to those who wait: after a while, and once."""

import time
from collections.abc import Callable

from v6sim.wire.wait_reasons import SECONDS

_PAUSE = 1.0  # seconds between two looks at the reasons

Tell = Callable[[str], None]


class WaitNotices:
    """Says what somebody waits for, once that has taken some seconds, and whenever it changes.

    Args:
        ask: finds out what is waited for, as lines.
        tell: takes each line, once; None: nobody wants to know.
    """

    def __init__(self, ask: Callable[[], list[str]], tell: Tell | None) -> None:
        self._ask, self._tell = ask, tell
        self._due = time.monotonic() + SECONDS
        self._said: set[str] = set()

    def look(self) -> None:
        """Say what there is to say, if it is time for that."""
        if self._tell is None or time.monotonic() < self._due:
            return
        for line in self._ask():
            if line not in self._said:
                self._said.add(line)
                self._tell(line)
        self._due = time.monotonic() + _PAUSE
