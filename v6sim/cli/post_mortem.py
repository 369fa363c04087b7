"""A debugger in the frame that raised."""

import bdb
import pdb  # noqa: T100
import threading

from v6sim.node.executors.debugging import floor


def debug(problem: BaseException) -> None:
    """Let the person at the terminal look around where something was raised, and go on.

    Of runs that raise at once, one comes after the other.
    """
    if isinstance(problem, bdb.BdbQuit):
        return
    floor.take()
    debugger = pdb.Pdb()
    debugger.reset()
    what = f"{type(problem).__name__}: {problem}"
    debugger.message(f"\n{threading.current_thread().name}: {what} (q goes on)")
    debugger.interaction(None, problem.__traceback__)
