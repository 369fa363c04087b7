"""Whether the files that an algorithm was loaded from are still the same."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


class Sources:
    """The state of some files and folders at one moment.

    Args:
        paths: files, and folders whose files count too, at any depth.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = tuple(paths)
        self._state = self._look()

    def changed(self) -> bool:
        """Whether one was written, added or removed since."""
        return self._look() != self._state

    def _look(self) -> dict[str, tuple[int, int] | None]:
        return {file: _state(file) for path in self._paths for file in _files(path)}


def _files(path: str) -> Iterator[str]:
    if not Path(path).is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = [each for each in folders if each != "__pycache__" and each[0] != "."]
        yield from (f"{folder}/{file}" for file in files)


def _state(file: str) -> tuple[int, int] | None:
    try:
        seen = os.stat(file)  # noqa: PTH116  a hundred of these a run
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size
