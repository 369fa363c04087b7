"""A process that outlives another one, and removes what that could not remove itself.

Started as `python -m v6sim.node.guardian [PAGE]` with a pipe as its input. As long as the pipe is
open it does nothing. A line `docker` tells it that there are containers, a line `done` that nothing
is to be done. When the pipe closes without that, its owner has been killed: then it removes the
folders and containers of processes that are gone, until there are none.

The number of a signal in the pipe, as Python writes it for whoever asks, tells it that the owner is
to end. From then on it asks whether Python goes on there, by a byte on its output that is to be
answered by another one. An owner that gives no answer for some seconds is killed: it could not even
raise the KeyboardInterrupt. PAGE is a descriptor of memory that says what the owner is at.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress

PULSE = b"\x00"
"""The answer that Python goes on."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_ANSWER = 4.0

_SECONDS_TO_ASK = 30.0  # after which it has taken note of the signal, and done what it likes
_GLANCE = 0.5  # seconds between two looks whether the owner lives: a fork may hold the pipe open
_PAUSE = 0.3  # seconds between two rounds
_ROUNDS = 40  # at most: runs of a killed process take a while to end


def main() -> None:
    """Wait for the end of the owner, and tidy up after it if it could not."""
    os.setsid()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    said = _listen()
    if b"done" not in said:
        _tidy(docker=b"docker" in said)


def _listen() -> bytes:
    owner, said = os.getppid(), b""
    asking_until, unanswered = 0.0, 0.0
    while os.getppid() == owner:
        now = time.monotonic()
        if now < asking_until and not unanswered:
            unanswered = now
            with suppress(OSError):
                os.write(1, b"?")
        if unanswered and now - unanswered > SECONDS_TO_ANSWER and not _is_stopped(owner):
            _kill(owner)
        if not select.select([0], [], [], _GLANCE)[0]:
            continue
        more = os.read(0, 4096)
        said += more
        if any(number in more for number in SIGNALS):
            asking_until = now + _SECONDS_TO_ASK
        if PULSE in more:
            unanswered = 0.0
        if not more or b"done" in said:
            break
    return said


def _is_stopped(process: int) -> bool:
    """Whether a process is stopped, by ctrl-Z or a debugger: then it is no wonder."""
    with suppress(OSError), open(f"/proc/{process}/stat") as file:  # noqa: PTH123
        return file.read().rpartition(")")[2].split()[0] in "tT"
    return False


def _kill(owner: int) -> None:
    work = _work()
    what = " and ".join(work[:3]) or "what runs in it"
    with suppress(OSError):
        os.write(2, f"\nPython does not go on, for {what}; ended by force\n".encode())
    with suppress(ProcessLookupError):
        os.kill(owner, signal.SIGKILL)


def _work() -> list[str]:
    from v6sim.runtime.supervised import SIZE, work_on

    if len(sys.argv) < 2:
        return []
    import mmap

    with suppress(OSError, ValueError):
        return work_on(mmap.mmap(int(sys.argv[1]), SIZE, prot=mmap.PROT_READ))
    return []


def _tidy(*, docker: bool) -> None:
    from v6sim.node.folders import remove_left_folders

    for _ in range(_ROUNDS):
        removed = remove_left_folders() + (_clean_docker() if docker else [])
        if not removed:
            break
        time.sleep(_PAUSE)


def _clean_docker() -> list[str]:
    from v6sim.node.docker.engine import Engine

    engine = Engine()
    try:
        return engine.clean()
    finally:
        engine.close()


if __name__ == "__main__":
    main()
