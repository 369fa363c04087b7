"""The file system that a path is on: where it is mounted, and how much room it has."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class FileSystem:
    """A file system.

    Args:
        mount: where it is mounted.
        free: bytes that an ordinary user may still take.
        total: bytes of it.
    """

    mount: Path
    free: int
    total: int

    @classmethod
    def of(cls, path: Path) -> "FileSystem":
        """Return the one that a path is on, or would be.

        Raises:
            OSError: it cannot be found out.
        """
        path = path.absolute()
        there = next(each for each in (path, *path.parents) if each.exists())
        mount = next(each for each in (there, *there.parents) if os.path.ismount(each))
        status = os.statvfs(there)
        unit = status.f_frsize
        return cls(mount, unit * status.f_bavail, unit * status.f_blocks)

    def __str__(self) -> str:
        """One phrase for messages."""
        return (
            f"the file system mounted at {self.mount} ({self.free:,} of {self.total:,} bytes free)"
        )


def is_full(error: OSError) -> bool:
    """Return whether an error says that there is no room, or that a quota is used up."""
    return error.errno in _NO_ROOM
