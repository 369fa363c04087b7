"""Sparing what stays the search for garbage, which takes a third of the time of starts and ends."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 100_000  # new objects after which a service looks for garbage among them: a few ms


@contextmanager
def unsought() -> Iterator[None]:
    """Look for no garbage within this context: nearly all that is made there stays."""
    was_sought = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_sought:
            gc.enable()


def spare() -> None:
    """Look no more at what there is now, the first time that this is called; later is nothing new.

    What has become garbage by then stays, so it is not for what happens again and again.
    """
    if not is_spared():
        gc.freeze()


def is_spared() -> bool:
    """Whether something is no more looked at."""
    return gc.get_freeze_count() > 0


def spare_all() -> None:
    """The same for what there is in the end: Python would look through it twice before it goes."""
    gc.freeze()


def seek_seldom() -> None:
    """Look for garbage as rarely as suits a command that starts, does one thing, and ends."""
    gc.set_threshold(4 * _YOUNG, 50, 50)


def seek_as_a_service() -> None:
    """Look for garbage as often as suits what runs on and on; not among what it started with."""
    gc.freeze()
    gc.set_threshold(_YOUNG, 50, 50)
