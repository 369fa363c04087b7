"""The processes that a thread of this process has started."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def kill_children(thread: int) -> list[int]:
    """Kill what a thread has started, and what that has; where the system tells (Linux).

    Args:
        thread: its native id; it is still alive.

    Returns the ids of those that are children of this process, and have to be waited for.
    """
    children = _children(os.getpid(), thread)
    for child in children:
        for process in (*_descendants(child), child):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    return children


def end_children(thread: int) -> None:
    """Kill them, and wait until they are gone."""
    for child in kill_children(thread):
        with suppress(ChildProcessError):  # somebody else has waited for it
            os.waitpid(child, 0)


def _children(process: int, thread: int) -> list[int]:
    try:
        listed = Path(f"/proc/{process}/task/{thread}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in listed.split()]


def _descendants(process: int) -> list[int]:
    """What a process has started, leaves first."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in _children(process, int(thread.name)):
                found += [*_descendants(child), child]
    return found
