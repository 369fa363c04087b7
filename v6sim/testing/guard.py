"""What sees to it that an interrupted pytest leaves nothing behind."""

import contextlib
import signal
import subprocess
import sys
from types import FrameType

import pytest

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 10  # seconds that the guardian may take for its end


class Guard:
    """Ends the run in order where a signal ends it, and has a guardian for where it is killed."""

    def __init__(self) -> None:
        self._guardian: subprocess.Popen[bytes] | None = None
        self._replaced: list[int] = []

    def begin(self, *, docker: bool) -> None:
        """Be there from now on.

        Args:
            docker: whether there may be containers.
        """
        if self._guardian is None:
            self._guardian = subprocess.Popen(
                [sys.executable, "-m", "v6sim.node.guardian"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._take_signals()
        if docker:
            self._tell(b"docker\n")

    def end(self) -> None:
        """All is tidied up: nothing is left to guard."""
        for number in self._replaced:
            signal.signal(number, signal.SIG_DFL)
        if self._guardian is None:
            return
        self._tell(b"done\n")
        with contextlib.suppress(OSError):
            self._guardian.stdin.close()  # type: ignore[union-attr]
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._guardian.wait(_PATIENCE)
        self._guardian = None

    def _tell(self, word: bytes) -> None:
        assert self._guardian is not None
        assert self._guardian.stdin is not None
        with contextlib.suppress(OSError):  # somebody has killed it
            self._guardian.stdin.write(word)
            self._guardian.stdin.flush()

    def _take_signals(self) -> None:
        """Those that would end Python at once; what somebody else handles stays theirs."""
        with contextlib.suppress(ValueError):  # not in the main thread: signals go elsewhere
            for number in _SIGNALS:
                if signal.getsignal(number) is signal.SIG_DFL:
                    signal.signal(number, _end_in_order)
                    self._replaced.append(number)


def _end_in_order(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough
    pytest.exit(f"ended by signal {number} ({signal.strsignal(number)})", returncode=128 + number)
