"""Standard output, for programs that read it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def reserved() -> Iterator[TextIO]:
    """Have all that is printed go to stderr, but for what is written to the file this gives.

    Algorithms that run inline may print by ways that are not seen here: threads and programs of
    their own, libraries in C.
    """
    sys.stdout.flush()
    descriptor = os.dup(1)
    os.dup2(2, 1)
    try:
        with open(descriptor, "w", encoding="utf-8", closefd=False) as ours:
            yield ours
    finally:
        sys.stdout.flush()
        os.dup2(descriptor, 1)
        os.close(descriptor)
