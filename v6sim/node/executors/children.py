"""The processes that a thread of this process has started."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def kill_children(thread: int) -> None:
    """Kill what a thread has started, and what that has; where the system tells (Linux).

    Args:
        thread: its native id; it is still alive.
    """
    for child in _children(os.getpid(), thread):
        for process in (*_descendants(child), child):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


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
