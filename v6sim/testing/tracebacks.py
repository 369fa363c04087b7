"""What pytest shows of errors that are meant for who wrote the test."""

import sysconfig
from pathlib import Path

import pytest

import v6sim

_LIBRARIES = (
    Path(v6sim.__file__).parent,
    Path(pytest.__file__).parents[1],
    Path(sysconfig.get_path("stdlib")),
)


def end_at_the_users(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Let the traceback of an error of v6sim's end at the last line that is the user's.

    Such an error says in words what was wrong, and that line is the one to change. Errors of any
    other kind keep all of their traceback, and so do those that no line of the user's has led to.
    """
    if not type(excinfo.value).__module__.startswith("v6sim."):
        return
    last, here = None, excinfo.value.__traceback__
    while here is not None:
        file = Path(here.tb_frame.f_code.co_filename)
        if not any(file.is_relative_to(folder) for folder in _LIBRARIES):
            last = here
        here = here.tb_next
    if last is not None:
        last.tb_next = None
