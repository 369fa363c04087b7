"""Files that have to be plain ones: opening a pipe would wait until somebody writes to it."""

import errno
import os
import stat
from pathlib import Path


def read_plain(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: there is none, it cannot be read, or it is a pipe, a device or the like.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        return file.read()


def is_special(path: Path) -> bool:
    """Return whether there is something that is neither a plain file nor a folder."""
    return path.exists() and not path.is_file() and not path.is_dir()
