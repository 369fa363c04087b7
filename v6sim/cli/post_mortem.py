"""A debugger in the frame that raised."""

import bdb
import pdb  # noqa: T100
import threading

_lock = threading.Lock()
"""Whoever holds it has the terminal: of runs that fail at once, one comes after the other."""


def debug(problem: BaseException) -> None:
    """Let the person at the terminal look around where something was raised, and go on."""
    if isinstance(problem, bdb.BdbQuit):
        return
    with _lock:
        debugger = pdb.Pdb()
        debugger.reset()
        what = f"{type(problem).__name__}: {problem}"
        debugger.message(f"\n{threading.current_thread().name}: {what} (q goes on)")
        debugger.interaction(None, problem.__traceback__)
