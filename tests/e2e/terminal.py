"""`v6sim` at a terminal, as a person uses it."""

import contextlib
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.commands import PATIENCE, V6SIM, environment


class Terminal:
    """What a command shows, and what is typed.

    Args:
        line: the end of the terminal that a person sits at.
        child: the command at the other end.
    """

    def __init__(self, line: int, child: subprocess.Popen[bytes]) -> None:
        self._line, self.child = line, child

    def read_until(self, expected: str) -> str:
        """What is shown up to some text, without colors; the text is there, or an error."""
        shown, deadline = b"", time.monotonic() + PATIENCE
        while expected not in (text := _plain(shown)):
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self._line], [], [], max(left, 0))
            assert ready, f"{expected!r} is not shown, but: {text}"
            more = self._read()
            assert more, f"it ended without {expected!r}: {text}"
            shown += more
        return text

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._line, f"{line}\n".encode())

    def read_all(self) -> str:
        """What is shown until the command ends."""
        shown = b""
        while more := self._read():
            shown += more
        return _plain(shown)

    def _read(self) -> bytes:
        with contextlib.suppress(OSError):  # so a terminal ends
            return os.read(self._line, 4096)
        return b""


@contextlib.contextmanager
def at_terminal(*arguments: str, cwd: Path) -> Iterator[Terminal]:
    """A command with a terminal of its own."""
    line, other = pty.openpty()
    child = subprocess.Popen(
        [V6SIM, *arguments], cwd=cwd, env=environment(), stdin=other, stdout=other, stderr=other,
        start_new_session=True,
    )  # fmt: skip
    os.close(other)
    try:
        yield Terminal(line, child)
    finally:
        os.close(line)
        if child.poll() is None:
            child.kill()
        child.wait(PATIENCE)


def _plain(shown: bytes) -> str:
    return re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", shown).decode(errors="replace")
