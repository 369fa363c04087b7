"""Doing something in a process of its own, and what that takes."""

import os
import pickle
import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_PATIENCE = 60  # seconds of a process that hangs


@dataclass(frozen=True)
class Measured:
    """What came of something.

    Args:
        value: what it gave; of an error its text.
        seconds: of the processor, that it took.
        megabytes: by which the process grew at most.
        is_error: whether it ended with an error that nobody expects.
    """

    value: Any
    seconds: float
    megabytes: float
    is_error: bool = False


def measured(function: Callable[..., Any], *args: Any) -> Measured:
    """Call a function in a fork of this process.

    Raises:
        TimeoutError: it hangs.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside other threads
        process = os.fork()
    if not process:
        _do(function, args, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        content = file.read()
    _, status = os.waitpid(process, 0)
    if not content:
        raise TimeoutError(f"{function.__name__} was killed by signal {os.WTERMSIG(status)}")
    return Measured(*pickle.loads(content))


def _do(function: Callable[..., Any], args: tuple[Any, ...], writer: int) -> None:
    """In the fork: do it, tell, and leave nothing that this process would do at its end."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # pytest-timeout has something else
    signal.alarm(_PATIENCE)
    before, begun = _peak(), time.process_time()
    try:
        value, is_error = function(*args), False
    except BaseException:
        value, is_error = traceback.format_exc(), True
    told = value, time.process_time() - begun, _peak() - before, is_error
    with os.fdopen(writer, "wb") as file:
        pickle.dump(told, file)
    os._exit(0)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
