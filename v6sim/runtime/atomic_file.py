"""Files that are written whole or not at all."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def write_atomically(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file; until all of it is there, the path names what it named before.

    Args:
        path: where; what is no regular file, such as a pipe, is written to as it is.
        content: all of it.
        mode: of a new file, before the umask.

    Raises:
        OSError: it cannot be written; it names the path.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    if path.exists():
        mode = path.stat().st_mode & 0o777
    fresh = _write_beside(path, content, mode)
    with _naming(path, fresh):
        fresh.replace(path)


def create_atomically(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a new file.

    Raises:
        FileExistsError: there is one; it stays as it is.
        OSError: it cannot be written; it names the path.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    fresh = _write_beside(path, content, mode)
    with _naming(path, fresh):
        os.link(fresh, path)
        fresh.unlink()


def append_atomically(path: Path, content: bytes) -> None:
    """Add to the end of a file.

    Raises:
        OSError: it cannot be written, and the file is as it was; it names the path.
    """
    with path.open("ab", buffering=0) as file, _naming(path):
        before = file.tell()
        try:
            written = 0
            while written < len(content):
                written += file.write(content[written:])
        except OSError:
            with contextlib.suppress(OSError):  # a pipe has no length
                file.truncate(before)
            raise


def _write_beside(path: Path, content: bytes, mode: int) -> Path:
    """Write a file in the same folder; returns where."""
    fresh = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    with _naming(path, fresh):
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    return fresh


@contextlib.contextmanager
def _naming(path: Path, fresh: Path | None = None) -> Iterator[None]:
    """Have an error name the path that was meant, and nothing be left of what was begun."""
    try:
        yield
    except BaseException as error:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise type(error)(error.errno, error.strerror, str(path)) from None
        raise
