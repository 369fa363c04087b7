"""What a supervised process tells its supervisor: what is under way in it, by a shared page.

A supervisor reads it when the process does not answer any more, so nothing is asked for.
"""

import os
from threading import Lock
from typing import Protocol

SIZE = 4096  # bytes of the page
_DOCKER = SIZE - 1  # the place that says whether there may be containers
_ENDING = SIZE - 2  # the place that says whether the process is at its end


class Page(Protocol):
    """Memory that two processes share."""

    def __getitem__(self, place: slice) -> bytes:
        """Some bytes of it."""
        ...

    def __setitem__(self, place: slice, content: bytes) -> None:
        """Change some bytes of it."""
        ...


class Supervised:
    """This process, as its supervisor knows it; without a supervisor, nobody is told."""

    def __init__(self) -> None:
        self._page: Page | None = None
        self._supervisor: int | None = None
        self._work: dict[object, str] = {}
        self._lock = Lock()

    def begin(self, page: Page, supervisor: int) -> None:
        """Have a supervisor from now on.

        Args:
            page: what is shared with it.
            supervisor: the id of its process.
        """
        self._page, self._supervisor = page, supervisor

    def share(self, page: Page) -> None:
        """Have another process read what is under way here; this one stays its own master."""
        self._page = page

    @property
    def has_supervisor(self) -> bool:
        """Whether there is one."""
        return self._supervisor is not None

    @property
    def owner(self) -> int:
        """The id of the process that all this is the work of: the supervisor's, if there is one."""
        return self._supervisor or os.getpid()

    def note_work(self, key: object, text: str) -> None:
        """Tell of something that is under way here, and could keep Python from answering."""
        with self._lock:
            self._work[key] = text
            self._write()

    def forget_work(self, key: object) -> None:
        """Tell that it is done."""
        with self._lock:
            self._work.pop(key, None)
            self._write()

    def note_docker(self) -> None:
        """Tell that there may be containers."""
        if self._page is not None:
            self._page[_DOCKER:SIZE] = b"\x01"

    def note_end(self) -> None:
        """Tell that this process is at its end, and hears no signals any more."""
        if self._page is not None:
            self._page[_ENDING:_DOCKER] = b"\x01"

    def _write(self) -> None:
        if self._page is None:
            return
        lines = "\n".join(" ".join(text.split()) for text in self._work.values())
        self._page[0:_ENDING] = lines.encode(errors="replace")[:_ENDING].ljust(_ENDING, b"\0")


def work_on(page: Page) -> list[str]:
    """What the process was at, as a supervisor reads it."""
    text = page[0:_ENDING].split(b"\0", 1)[0].decode(errors="replace")
    return text.splitlines()


def has_docker(page: Page) -> bool:
    """Whether there may be containers."""
    return page[_DOCKER:SIZE] == b"\x01"


def is_ending(page: Page) -> bool:
    """Whether the process is at its end."""
    return page[_ENDING:_DOCKER] == b"\x01"


this = Supervised()
"""That of this process."""
