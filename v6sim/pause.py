"""Time that a person spends in a debugger, which does not count where something is waited for."""

import threading
import time


class _Pauses:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way, self._since, self._total = 0, 0.0, 0.0

    def begin(self) -> None:
        with self._lock:
            if not self._under_way:
                self._since = time.monotonic()
            self._under_way += 1

    def end(self) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._total += time.monotonic() - self._since

    def now(self) -> float:
        with self._lock:
            here = self._since if self._under_way else time.monotonic()
            return here - self._total


_pauses = _Pauses()


def begin() -> None:
    """A debugger has stopped something."""
    _pauses.begin()


def end() -> None:
    """It goes on."""
    _pauses.end()


def monotonic() -> float:
    """Seconds that have passed, without those in which a debugger has stopped something."""
    return _pauses.now()
