"""How much memory it takes."""

import resource
import time

import psutil

from tests.bench.figures import Figures
from tests.bench.programs import process
from tests.bench.running import MASTER, PARTIAL, runner
from v6sim.client import Client


def memory(figures: Figures) -> None:
    """What it takes while nothing happens, and at the most."""
    with process("up", "--port", "0") as (child, address, _):
        time.sleep(1)  # until what only the start needed has been given back
        figures.other("idle: server and 3 nodes", _resident(child.pid))
        with Client(address, "researcher", "Researcher-1") as client:
            for given, where in ((PARTIAL, [2, 3]), (MASTER, [2])):
                runner(client, given, where)()
        figures.other("after running tasks, with a warm interpreter", _resident(child.pid))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    figures.other("peak of any one process of it", f"{peak:.0f} MB")


def _resident(pid: int) -> str:
    parent = psutil.Process(pid)
    used = sum(p.memory_info().rss for p in (parent, *parent.children(recursive=True)))
    return f"{used / 2**20:.0f} MB"
