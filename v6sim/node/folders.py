"""Private folders for the time that a process lives, and what is left of those that were killed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

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


def remove_left_folders() -> list[str]:
    """Remove folders whose processes have ended without removing them; returns their names."""
    removed = []
    for folder in _ours():
        try:
            owner = (folder / _OWNER).read_text()
        except OSError:  # none of ours, or it is just being made
            continue
        if is_gone(owner):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(f"folder {folder}")
    return removed


def _ours() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            yield folder
