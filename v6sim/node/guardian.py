"""A process that outlives another one, and removes what that could not remove itself.

Started as `python -m v6sim.node.guardian` with a pipe as its input. As long as the pipe is open it
does nothing. A line `docker` tells it that there are containers, a line `done` that nothing is to
be done. When the pipe closes without that, its owner has been killed: then it removes the folders
and containers of processes that are gone, until there are none.
"""

import os
import select
import signal
import time

_GLANCE = 1.0  # seconds between two looks whether the owner lives: a fork may hold the pipe open
_PAUSE = 0.3  # seconds between two rounds
_ROUNDS = 40  # at most: runs of a killed process take a while to end


def main() -> None:
    """Wait for the end of the owner, and tidy up after it if it could not."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    words = _listen()
    if "done" not in words:
        _tidy(docker="docker" in words)


def _listen() -> list[str]:
    owner, said = os.getppid(), b""
    while os.getppid() == owner:
        if not select.select([0], [], [], _GLANCE)[0]:
            continue
        more = os.read(0, 4096)
        said += more
        if not more or b"done" in said:
            break
    return said.decode().split()


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
