"""Private folders for the time that a process lives, and what is left of those that were killed."""

import errno
import io
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from v6sim.node.errors import FileTooLarge, NotAFile
from v6sim.runtime.process_identity import is_gone, this_process
from v6sim.wire.log_excerpt import format_omission

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


def read_file(path: Path, most: int) -> bytes:
    """The content of a file where an algorithm may write; nothing if there is none.

    Links are not followed, as they would be on this machine and not where the algorithm is.

    Args:
        path: the file.
        most: how many bytes it may have.

    Raises:
        NotAFile: there is something else.
        FileTooLarge: it has more.
    """
    with _opened(path) as (file, size):
        if size > most:
            raise FileTooLarge(size)
        content = file.read(size)
        if more := file.read(1):  # somebody still writes to it
            content += more + file.read(most - size)
        if len(content) > most:
            raise FileTooLarge(len(content))
        return content


def read_log(path: Path, most: int) -> str:
    """What an algorithm has printed into a file; of a long log, the beginning and the end.

    Args:
        path: the file; nothing is printed if there is none.
        most: how many bytes it may have.

    Raises:
        NotAFile: there is something else.
    """
    with _opened(path) as (file, size):
        if size <= most:
            return _text(file.read(size))
        begin = file.read(most // 2)
        file.seek(size - most // 2)
        parts = begin, file.read(most // 2)
    return format_omission(size, most).join(map(_text, parts))


def read_part(path: Path, offset: int, most: int) -> bytes:
    """A part of a file where an algorithm may write; nothing if there is none, or no plain file.

    Args:
        path: the file.
        offset: where the part begins.
        most: how many bytes it has at most.
    """
    try:
        with _opened(path) as (file, _):
            file.seek(offset)
            return file.read(most)
    except NotAFile:
        return b""


def append(path: Path, text: str) -> None:
    """Add to a file where an algorithm may write, unless there is something else by now.

    Raises:
        OSError: it cannot be written.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, 0o666)
    with os.fdopen(descriptor, "ab", buffering=0) as file:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.write(text.encode())


def _text(printed: bytes) -> str:
    """What was printed, as every database takes it: PostgreSQL knows no character zero."""
    return printed.decode(errors="replace").replace("\0", "\ufffd")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A plain file, and its size; nothing if there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        yield io.BytesIO(), 0
        return
    except OSError as error:
        is_link = error.errno == errno.ELOOP  # as links are not followed
        raise NotAFile(path, "it is a link" if is_link else error.strerror or "") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFile(path, "it is a folder, a pipe or the like")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            yield file, status.st_size
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
