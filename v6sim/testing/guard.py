"""What sees to it that an interrupted pytest leaves nothing behind, and comes to its end."""

import contextlib
import mmap
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import IO

import pytest

from v6sim.node.guardian import PULSE
from v6sim.runtime import supervised

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 10  # seconds that the guardian may take for its end

try:
    _terminal = os.dup(2)  # pytest captures what is written to stderr, from soon after this on
except OSError:  # it has none
    _terminal = subprocess.DEVNULL


class Guard:
    """Ends the run in order where a signal ends it, and has a guardian for where it cannot.

    The guardian removes what a pytest leaves behind that is killed, and it kills one that cannot
    take note of ctrl-C, as an algorithm that runs inline keeps Python from going on.
    """

    def __init__(self) -> None:
        self._guardian: subprocess.Popen[bytes] | None = None
        self._replaced: list[int] = []
        self._wakes = self._is_left_with_something = False
        self._answering: threading.Thread | None = None

    def begin(self, *, docker: bool) -> None:
        """Be there from now on.

        Args:
            docker: whether there may be containers.
        """
        if self._guardian is None:
            self._guardian = _start()
            self._take_signals()
            self._have_signals_noted()
        if docker:
            self._tell(b"docker\n")

    @contextlib.contextmanager
    def taking_over(self) -> Iterator[None]:
        """See to what is left of sandboxes that do not end after ctrl-C."""
        thread = sys.modules.get("v6sim.sandbox.thread")
        if thread is None:  # there is no sandbox
            yield
            return
        try:
            yield
        except thread.DoesNotEnd as error:
            if not thread.haste.has_begun:
                raise
            self._is_left_with_something = True
            first = str(error).splitlines()[0].rstrip(":")
            with contextlib.suppress(OSError):
                os.write(_terminal, f"\n{first}; what it has is removed after pytest\n".encode())

    def end(self) -> None:
        """All is tidied up: nothing is left to guard."""
        if self._is_left_with_something:
            return
        for number in self._replaced:
            signal.signal(number, signal.SIG_DFL)
        if self._guardian is None:
            return
        if self._wakes:
            signal.set_wakeup_fd(-1)
        self._tell(b"done\n")
        with contextlib.suppress(OSError):
            self._guardian.stdin.close()  # type: ignore[union-attr]
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._guardian.wait(_PATIENCE)
            if self._answering:
                self._answering.join(_PATIENCE)
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

    def _have_signals_noted(self) -> None:
        """Have the guardian told of each signal by Python itself, which needs no lock for that."""
        assert self._guardian is not None
        assert self._guardian.stdin is not None
        assert self._guardian.stdout is not None
        listening, pulse = self._guardian.stdout, self._guardian.stdin.fileno()
        os.set_blocking(pulse, False)
        self._answering = threading.Thread(target=_answer, args=(listening, pulse), daemon=True)
        self._answering.start()
        if "trio" in sys.modules:  # which insists on being the only one that is told
            return
        with contextlib.suppress(ValueError):  # not in the main thread
            others = signal.set_wakeup_fd(pulse, warn_on_full_buffer=False)
            self._wakes = others == -1
            if not self._wakes:
                signal.set_wakeup_fd(others)


def _start() -> "subprocess.Popen[bytes]":
    """Start a guardian that can read what this process is at."""
    page = os.memfd_create("v6sim") if hasattr(os, "memfd_create") else None
    if page is not None:
        os.truncate(page, supervised.SIZE)
        supervised.this.share(mmap.mmap(page, supervised.SIZE))
    shared = [] if page is None else [page]
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "v6sim.node.guardian", *map(str, shared)], pass_fds=shared,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=_terminal,
        )  # fmt: skip
    finally:
        for descriptor in shared:
            os.close(descriptor)


def _answer(listening: IO[bytes], pulse: int) -> None:
    """Answer the guardian's questions, for as long as Python goes on."""
    with contextlib.suppress(OSError, ValueError), listening:
        while os.read(listening.fileno(), 1):
            os.write(pulse, PULSE)


def _end_in_order(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough
    pytest.exit(f"ended by signal {number} ({signal.strsignal(number)})", returncode=128 + number)
