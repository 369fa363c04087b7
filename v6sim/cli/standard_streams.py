"""Standard input, output, and error: a shell may start a command without one, as by `<&-`."""

import os
import sys


def open_missing() -> None:
    """Open the null device in the place of those that are closed.

    Else the next file, socket or pipe gets the number of one, and what is printed ends there.
    """
    for number, mode in enumerate(("r", "w", "w")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(opened, True)
            name = ("stdin", "stdout", "stderr")[number]
            if getattr(sys, name) is None:
                setattr(sys, name, os.fdopen(opened, mode, closefd=False))
