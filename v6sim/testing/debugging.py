"""Breakpoints of algorithms that run in threads of pytest: one at a time has the terminal."""

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_turn = threading.Lock()
_holder: list[int] = []


def enter(config: "pytest.Config") -> None:
    """Wait for one's turn; what is printed from here on is seen.

    pytest stops capturing when a debugger begins, and captures again when one goes on: it may have
    been stopped by another thread in between.
    """
    if _holder != [threading.get_ident()]:
        _turn.acquire()
        _holder[:] = [threading.get_ident()]
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend(in_=True)


def leave() -> None:
    """Let others have a turn."""
    if _holder == [threading.get_ident()]:
        _holder.clear()
        _turn.release()
