"""One debugger at a time: runs in threads would else take each other's input.

A run that comes to its breakpoint while a person is at another one waits until that goes on.
"""

import bdb
import pdb  # noqa: T100 - it is what is to take turns
import sys
import threading
from types import FrameType
from typing import Any

from v6sim import pause

_CONTINUES = -1
"""What `bdb` calls the line to stop at when it is to go on."""


class Floor:
    """Whose turn it is to talk to the person at the terminal."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._holder: int | None = None

    def take(self) -> None:
        """Wait for one's turn; who has it keeps it."""
        if self._holder != threading.get_ident():
            self._turn.acquire()
            self._holder = threading.get_ident()
            pause.begin()

    def give_back(self) -> None:
        """Let others have a turn, if it is one's own."""
        if self._holder == threading.get_ident():
            self._holder = None
            pause.end()
            self._turn.release()


floor = Floor()
_interaction = pdb.Pdb.interaction


def _interact(self: pdb.Pdb, frame: FrameType | None, trace: Any) -> None:
    """Talk with the person in one's turn, until it goes on or ends."""
    floor.take()
    goes_on = True
    try:
        _interaction(self, frame, trace)
        goes_on = self.quitting or vars(self).get("stoplineno") == _CONTINUES
    finally:
        if goes_on:
            floor.give_back()


def begin() -> None:
    """Have debuggers take turns."""
    pdb.Pdb.interaction = _interact  # type: ignore[assignment]


def end() -> None:
    """Have them as they were."""
    pdb.Pdb.interaction = _interaction  # type: ignore[method-assign]


def leave_run() -> None:
    """A run is over, in which a debugger may still have been at work."""
    if isinstance(getattr(sys.gettrace(), "__self__", None), bdb.Bdb):
        sys.settrace(None)
    floor.give_back()
