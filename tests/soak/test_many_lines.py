"""Algorithms that print 2,000 lines a second: all of it is seen, in time, and the server is there.

As many run at once as there are places: two at each of two federations.
"""

import re
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from pathlib import Path

import httpx

from tests.commands import PATIENCE, V6SIM, environment
from tests.soak.leaks import Leaks
from tests.soak.programs import REPEATS, ROSA, Program, docker_for, running, submit, world
from v6sim.client import Client

_LINES_A_SECOND = 2_000
_SECONDS = 10
_AT_ONCE = 2
_WAYS = ("process", "docker")
_LATE = 5.0
"""Seconds after which 95 of 100 lines have to be seen by who follows the log."""
_SLOW = 0.25
"""Seconds within which 95 of 100 small requests have to be answered meanwhile."""
_LINE = re.compile(r"task \d+ (\w+) \| line (\d+) at ([\d.]+)")


def test_all_lines_are_seen_as_they_are_printed(tmp_path: Path) -> None:
    rounds = ceil(REPEATS / _AT_ONCE / len(_WAYS))
    with ThreadPoolExecutor(len(_WAYS)) as threads:
        for said in threads.map(lambda way: _print_on(tmp_path / way, way, rounds), _WAYS):
            print(said)


def _print_on(folder: Path, executor: str, rounds: int) -> str:
    docker = docker_for(executor)
    folder.mkdir()
    file = world(folder, _AT_ONCE)
    up = Program(folder, "up", "--port", "0", "--executor", executor, "--world", file)
    late, slow = list[float](), list[float]()
    with running(up), Client(up.address, *ROSA) as client:
        assert client.wait(submit(client, "count")).is_good
        leaks = Leaks([up], client, docker)
        for _ in range(rounds):
            with _asking(up.address, slow):
                late += _print_and_follow(up, client)
            leaks.check()
        leaks.check_handles()
        handles = leaks.handles
    assert _percentile(late) < _LATE
    assert _percentile(slow) < _SLOW
    return (
        f"{_LINES_A_SECOND} lines a second for {_SECONDS} s, {rounds * _AT_ONCE} times, "
        f"{executor}: 95% seen within {_percentile(late):.2f} s, /version answered within "
        f"{_percentile(slow) * 1000:.0f} ms (95%, {len(slow)} requests); {handles}"
    )


def _print_and_follow(up: Program, client: Client) -> list[float]:
    """One task, and how late each line was seen that was printed once its log was followed."""
    lines = _LINES_A_SECOND * _SECONDS
    where = list(range(2, 2 + _AT_ONCE))
    task = submit(client, "chatter", where, lines=lines, seconds=_SECONDS)
    root = up.address.removesuffix("/api")
    words: list[str | Path] = [V6SIM, "logs", str(task.task_id), "--follow", "--server", root]
    seen: dict[str, list[int]] = {}
    late, since = [], time.time() + PATIENCE
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env={**environment(), "PYTHONUNBUFFERED": "1"}
    ) as following:
        for line in following.stdout or ():
            if found := _LINE.match(line):
                seen.setdefault(found[1], []).append(int(found[2]))
                now, printed = time.time(), float(found[3])
                since = min(since, now)
                late += [now - printed] if printed > since else []
    assert following.returncode == 0
    assert len(late) > lines / 4, "hardly anything was seen while it was printed"
    assert seen == {f"org{number}": list(range(lines)) for number in range(1, _AT_ONCE + 1)}
    for run in client.wait(task).runs:
        assert run.log.count("\nline ") == lines
    return late


@contextmanager
def _asking(address: str, took: list[float]) -> Iterator[None]:
    """Ask for something small over and over, and note how long that takes."""
    done = threading.Event()

    def ask() -> None:
        with httpx.Client() as http:
            while not done.wait(0.05):
                begun = time.monotonic()
                http.get(f"{address}/version").raise_for_status()
                took.append(time.monotonic() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _percentile(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
