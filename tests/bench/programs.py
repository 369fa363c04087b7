"""Programs that are measured from outside."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
V6SIM = Path(sys.executable).with_name("v6sim")


@contextlib.contextmanager
def process(
    *arguments: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """A running `v6sim ...`: its process, its API's address, and how long it took to say it."""
    started = time.perf_counter()
    env = {**os.environ, **environment}
    with subprocess.Popen([V6SIM, *arguments], env=env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        line = child.stdout.readline()
        address = next(word for word in line.split() if word.startswith("http"))
        httpx.get(f"{address}/version").raise_for_status()
        try:
            yield child, address, time.perf_counter() - started
        finally:
            child.terminate()
            child.communicate()
