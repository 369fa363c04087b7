"""An algorithm that does what nodes have to survive."""

# ruff: noqa: N802  its methods are called as the contract wants it

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_BLOCK = b"0123456789abcdef" * 2**16


def RPC_count(data: Any) -> Any:
    """Do what any algorithm does."""
    return len(data)


def RPC_wait(data: Any, seconds: float) -> Any:
    """Take a while."""
    time.sleep(seconds)
    return "done"


def RPC_resist(data: Any, mark: str) -> None:
    """Ignore all requests to end, with a child, and a grandchild in a session of its own."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    loop = f"trap '' TERM INT HUP; : {mark}; while true; do sleep 1; done"
    subprocess.Popen(["sh", "-c", f'{loop} & setsid sh -c "{loop}" & wait'])
    while True:
        time.sleep(1)


def persist(client: Any, data: Any, mark: str) -> None:
    """Have all organizations but the first resist, and wait for that."""
    ids = [each["id"] for each in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "resist", "kwargs": {"mark": mark}}, ids[1:])
    while not client.get_task(task["id"])["complete"]:
        time.sleep(0.1)


def RPC_fill(data: Any, into: str) -> Any:
    """Write until there is no room, into the file or folder of a variable."""
    place = Path(os.environ[into])
    with (place / "filled" if place.is_dir() else place).open("wb") as file:
        while True:
            file.write(_BLOCK)


def RPC_leave(data: Any, what: str) -> None:
    """Leave something else than a result in the place of the output file."""
    output = Path(os.environ["OUTPUT_FILE"])
    output.unlink()
    if what == "garbage":
        output.write_bytes(b"\x00garbage\xff" * 1000)
    elif what == "a folder":
        output.mkdir()
    elif what == "a pipe":
        os.mkfifo(output)
    elif what == "a link":
        output.symlink_to("/etc/hostname")
    os._exit(0)


def RPC_give_back(data: Any, megabytes: int) -> None:
    """Give back that much: raw bytes, as an algorithm of any language may."""
    with Path(os.environ["OUTPUT_FILE"]).open("wb") as output:
        output.writelines(_BLOCK for _ in range(megabytes))
    os._exit(0)


def RPC_leave_hole(data: Any, gibibytes: int) -> None:
    """Leave an output of that size, of which nothing is written."""
    os.truncate(os.environ["OUTPUT_FILE"], gibibytes * 2**30)
    os._exit(0)


def RPC_chatter(data: Any, lines: int, seconds: float) -> Any:
    """Print numbered lines with their times, evenly."""
    begin = time.monotonic()
    for number in range(lines):
        wait = begin + seconds * number / lines - time.monotonic()
        if wait > 0.005:
            sys.stdout.flush()
            time.sleep(wait)
        print(f"line {number} at {time.time():.3f} {'.' * 60}")
    return lines
