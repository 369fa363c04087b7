"""Private folders for the time that a process lives, and what is left of those that were killed."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from v6sim.node.errors import NotAFile
from v6sim.node.owner import is_gone, this_process

_PREFIX = "v6sim-"
_OWNER = "owner"


def new_folder(what: str) -> Path:
    """Make a folder that only its owner may look into; to be removed by whoever asked for it.

    Args:
        what: a word for its name.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{what}-"))  # of mode 0700
    (folder / _OWNER).write_text(this_process())
    return folder


def read_file(path: Path) -> bytes:
    """The content of a file where an algorithm may write; nothing if there is none.

    Links are not followed, as they would be on this machine and not where the algorithm is.

    Raises:
        NotAFile: there is something else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise NotAFile(path, error.strerror or "") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotAFile(path, "it is a folder, a pipe or the like")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def remove_left_folders(*, also_own: bool = False) -> list[str]:
    """Remove folders whose processes have ended without removing them; returns their names.

    Args:
        also_own: remove those of this process too, which is at its end.
    """
    removed = []
    own = this_process() if also_own else ""
    for folder in _ours():
        try:
            owner = (folder / _OWNER).read_text()
        except OSError:  # none of ours, or it is just being made
            continue
        if owner == own or is_gone(owner):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(f"folder {folder}")
    return removed


def _ours() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            yield folder
