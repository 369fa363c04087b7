"""A supervisor: a process that starts the command in another one, and ends it where that does not.

Python handles a signal between two of its own instructions. An algorithm that runs inline, a
payload, or a page may keep it from coming to the next one, in a regular expression, say. So the
process that the user has started does nothing but wait: it passes signals on, and some seconds
after the first one it kills what has not ended by then, with all that it has started, and removes
what that leaves behind.
"""

import fcntl
import mmap
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from v6sim.runtime import supervised

SECONDS_TO_END = 4.0
"""What a command gets after the first signal; the whole of it is to be over in five."""

OFF = "V6SIM_SUPERVISOR"
"""The variable of the environment that turns it off, where it is 0."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SECONDS_TO_START = 1.0  # in which the worker has the processor for itself
_SECONDS_TO_DIE = 0.5
_SECONDS_OF_ONE = 0.5  # in which signals count as one: some programs send it twice, as `timeout`
_FROM_PROGRAMS = 0  # the highest code of signals that a program has sent; a terminal's are higher
_SUBREAPER = 36  # the number of Linux's prctl
_SHOW_CURSOR = b"\x1b[?25h"


def supervise() -> None:
    """Go on in a process of its own, under a supervisor; only that process returns from here."""
    if not _can_supervise():
        return
    page = mmap.mmap(-1, supervised.SIZE)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*_SIGNALS, signal.SIGCHLD))
    reading, writing = os.pipe()
    supervisor, worker = os.getpid(), os.fork()
    if worker:
        os.close(reading)
        Supervisor(worker, page).stay()
    os.close(writing)
    _die_with_supervisor(supervisor, reading)
    _interrupt_once()
    supervised.this.begin(page, supervisor)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave() -> None:
    """Be at the end, which no signal changes any more; without a supervisor nothing is changed.

    Python gives signals back to the system when it ends, unless they are ignored: one that came
    twice would then kill it, in whatever thread. What does not end is for the supervisor to kill.
    """
    if supervised.this.has_supervisor:
        supervised.this.note_end()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def _can_supervise() -> bool:
    """Whether a fork is of use here, and changes nothing for debuggers and the like."""
    is_watched = sys.gettrace() or sys.getprofile() or {"pydevd", "debugpy"} & sys.modules.keys()
    return (
        sys.platform == "linux"
        and os.environ.get(OFF) != "0"
        and not is_watched
        and threading.active_count() == 1
    )


def _die_with_supervisor(supervisor: int, reading: int) -> None:
    """Have the kernel kill this process when its supervisor is: it holds the pipe's other end."""
    fcntl.fcntl(reading, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(reading, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(reading, fcntl.F_GETFL)
    fcntl.fcntl(reading, fcntl.F_SETFL, flags | os.O_ASYNC)
    if os.getppid() != supervisor:
        os.kill(os.getpid(), signal.SIGKILL)


def _interrupt_once() -> None:
    """Have ctrl-C interrupt this process once: it may come from the terminal and be passed on.

    What comes later is for the supervisor to see to.
    """

    def interrupt(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, lambda *_: None)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


class Supervisor:
    """Waits for the end of a process, and sees to it once a signal has asked for it.

    Args:
        worker: the process.
        page: what it says of itself.
    """

    def __init__(self, worker: int, page: supervised.Page) -> None:
        self._worker, self._page = worker, page
        self._deadline = float("inf")
        self._signal, self._signalled = 0, 0.0
        self._is_adopting = False
        self._terminal = _terminal_settings()

    def stay(self) -> None:
        """Be there until the end; it does not return."""
        status = None
        while status is None and time.monotonic() < self._deadline:
            status = self._wait()
        if status is None:
            self._end_by_force()
            os._exit(128 + self._signal)
        if os.WIFSIGNALED(status):
            self._die_of(os.WTERMSIG(status))
        os._exit(os.waitstatus_to_exitcode(status))

    def _wait(self) -> int | None:
        """Deal with the next signal; returns the worker's status when that has ended."""
        longest = 3600 if self._is_adopting else _SECONDS_TO_START
        left = min(max(self._deadline - time.monotonic(), 0), longest)
        info = signal.sigtimedwait((*_SIGNALS, signal.SIGCHLD), left)
        if not self._is_adopting:
            self._is_adopting = True
            _adopt_orphans()
        if info is None:
            return None
        if info.si_signo == signal.SIGCHLD:
            return self._reap()
        if info.si_code <= _FROM_PROGRAMS:
            with suppress(ProcessLookupError):
                os.kill(self._worker, info.si_signo)
        if supervised.is_ending(self._page) or not _ignores(self._worker, info.si_signo):
            self._note_signal(info.si_signo)
        return None

    def _note_signal(self, number: int) -> None:
        """The first one asks for the end, another one for an end at once."""
        now = time.monotonic()
        if not self._signal:
            self._signal, self._signalled = number, now
            self._deadline = now + SECONDS_TO_END
        elif now - self._signalled > _SECONDS_OF_ONE:
            self._deadline = now

    def _reap(self) -> int | None:
        """Take note of all that has ended; returns the worker's status, if it is among them."""
        found = None
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._worker:
                    found = ended[1]
        return found

    def _end_by_force(self) -> None:
        """Kill the worker and all that it has started, and remove what is left of it."""
        work = supervised.work_on(self._page)
        _kill_all()
        self._restore_terminal()
        what = " and ".join(work[:3]) or f"v6sim {' '.join(sys.argv[1:2])}".strip()
        more = f" and {len(work) - 3} more" if work[3:] else ""
        os.write(2, f"{what}{more} did not answer; ended by force\n".encode())
        self._tidy()

    def _die_of(self, number: int) -> None:
        """The worker has died of a signal: say so by dying of the same one."""
        self._restore_terminal()
        _kill_all()
        self._tidy()
        with suppress(OSError):  # SIGKILL always is
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
        os._exit(128 + number)  # the first process of a container does not die of it

    def _tidy(self) -> None:
        """Remove folders and secrets, and have containers removed once this process is gone."""
        from v6sim.node.folders import remove_left_folders
        from v6sim.runtime.secret_file import remove_left_secrets

        remove_left_secrets(also_own=True)
        with suppress(OSError):
            remove_left_folders(also_own=True)
        if supervised.has_docker(self._page):
            import subprocess

            guardian = subprocess.Popen(
                [sys.executable, "-m", "v6sim.node.guardian"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            assert guardian.stdin is not None
            guardian.stdin.write(b"docker\n")
            guardian.stdin.flush()

    def _restore_terminal(self) -> None:
        """Have the terminal as it was: the worker may have hidden its cursor, or its echo."""
        if self._terminal is None:
            return
        import termios

        with suppress(OSError, termios.error):
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
            termios.tcsetattr(0, termios.TCSADRAIN, self._terminal)
        if os.isatty(2):
            os.write(2, _SHOW_CURSOR)


def _terminal_settings() -> Any:
    if not os.isatty(0):
        return None
    import termios

    with suppress(termios.error):
        return termios.tcgetattr(0)
    return None


def _adopt_orphans() -> None:
    """Have what loses its parent below here become a child of this process."""
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def _ignores(process: int, number: int) -> bool:
    """Whether a process ignores a signal."""
    with suppress(OSError, StopIteration, ValueError):
        with open(f"/proc/{process}/status") as status:  # noqa: PTH123  as it is quicker
            mask = next(line for line in status if line.startswith("SigIgn:")).split()[1]
        return bool(int(mask, 16) >> (number - 1) & 1)
    return False


def _kill_all() -> None:
    """Kill all that lives below this process; what is orphaned by that comes to it."""
    deadline = time.monotonic() + _SECONDS_TO_DIE
    while time.monotonic() < deadline and (children := _below(os.getpid())):
        for child in children:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.005)


def _below(process: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    found: list[int] = []
    with suppress(OSError, ValueError):
        for task in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208
            with open(f"/proc/{process}/task/{task}/children") as children:  # noqa: PTH123
                for child in map(int, children.read().split()):
                    found += [child, *_below(child)]
    return found
