"""A small disk: a folder that is a file system of a few megabytes."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.components import lacking


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Have a folder be a file system of that many bytes."""
    if os.getuid() != 0:
        lacking("the right to mount", "running the tests as root")
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def free_bytes(folder: Path) -> int:
    """How much room there is."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_bsize


def fill(folder: Path) -> Path:
    """Leave no room: the file of others that takes it all."""
    others = folder / "of others"
    with others.open("wb") as file:
        file.write(bytes(free_bytes(folder)))
    assert free_bytes(folder) == 0
    return others
