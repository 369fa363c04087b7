"""Running `v6sim` as a user does: in a process of its own."""

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

V6SIM = Path(sys.executable).with_name("v6sim")
PATIENCE = 60  # seconds
ADDRESS = re.compile(r"http://[\w.]+:\d+\S*")


def v6sim(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it said and its exit code."""
    return subprocess.run(
        [V6SIM, *arguments], cwd=cwd, env=environment(), capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip


def environment() -> dict[str, str]:
    """That of a user with a plain, wide terminal."""
    return {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for something that a process does where nobody can be asked to tell of it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.02)


def ended(child: subprocess.Popen[str]) -> tuple[str, str]:
    """What a command says from here to its end, on stdout and stderr.

    `communicate` would lose what is read but not yet taken when lines were read before.
    """
    said: dict[str, str] = {}

    def drain(name: str, stream: IO[str] | None) -> None:
        said[name] = stream.read() if stream else ""
        if stream:
            stream.close()

    pipes = [("out", child.stdout), ("err", child.stderr)]
    threads = [threading.Thread(target=drain, args=pipe) for pipe in pipes]
    for thread in threads:
        thread.start()
    try:
        child.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        raise
    finally:
        for thread in threads:
            thread.join()
    return said["out"], said["err"]


@contextlib.contextmanager
def running(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that goes on until it is stopped, and the address that it says at first."""
    child = subprocess.Popen(
        [V6SIM, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert child.stdout
        line = child.stdout.readline()
        found = ADDRESS.search(line)
        if not found:
            child.kill()
            raise AssertionError(f"it said {line!r}, and then: {child.communicate()}")
        yield child, found[0]
    finally:
        if child.poll() is None:
            child.terminate()
        child.communicate(timeout=PATIENCE)
