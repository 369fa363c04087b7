"""Running tasks: from a task to its result."""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.figures import Figures, median
from tests.bench.programs import ROOT, process
from v6sim import Sandbox, World
from v6sim.client import Client
from v6sim.wire.payload import serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "master": False, "kwargs": {"column_name": "age"}}
MASTER = {"method": "master", "master": True, "kwargs": {"column_name": "age"}}


def tasks(figures: Figures) -> None:
    """From a task to its result, in each way to run algorithms."""
    ways: dict[str, dict[str, Any]] = {
        "inline": {"executor": "inline"},
        "process, warm": {"executor": "process"},
        "process, cold": {"executor": "process", "cold": True},
    }
    for way, options in ways.items():
        with Sandbox("manual", **options) as box, box.own_client("researcher") as client:
            for name, given, where in (("RPC at 2", PARTIAL, [2, 3]), ("master at 1", MASTER, [2])):
                run = runner(client, given, where)
                run()  # the first run loads the algorithm
                figures.seconds(f"{name}, {way}", median(run, 9))


def runner(
    client: Client, given: dict[str, object], where: list[int], image: str = IMAGE
) -> Callable[[], None]:
    """Runs that task to its good end."""

    def run() -> None:
        task = client.wait(client.submit(1, where, image, serialize(given)))
        assert task.is_good, [run.log for each in task for run in each.runs]

    return run


def genuine(figures: Figures) -> None:
    """The same with the genuine client, as a script of its own would do it."""
    for version in ("3.7.3", "3.11.1"):
        python = ROOT / ".venvs" / f"client-{version}" / "bin" / "python"
        if not python.exists():
            figures.other(f"genuine client {version}", "(make genuine)")
            continue
        with process("up", "--port", "0") as (_, address, _):
            port = address.rsplit(":", 1)[1].partition("/")[0]
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "out.json"
                script = Path(__file__).with_name("genuine_client.py")
                subprocess.run([python, script, "http://127.0.0.1", port, out], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
                for name, seconds in json.loads(out.read_text()).items():
                    suffix = "" if version == "3.7.3" else f" {version}"
                    figures.seconds(f"{name}, genuine client{suffix}", seconds)


def crowd(figures: Figures) -> None:
    """A hundred nodes, and one task to all of them."""
    data = ROOT / "v6sim" / "world" / "builtin" / "manual" / "data"
    csv = min(data.glob("*.csv"))
    names = [f"org{number}" for number in range(100)]
    user = {"username": "u", "password": "U-password-1", "roles": ["Researcher"]}
    participants = [{"name": name, "databases": {"default": str(csv)}} for name in names]
    world = World.of(
        {
            "organizations": [
                {"name": name, "users": [user] if name == "org0" else []} for name in names
            ],
            "collaborations": [{"name": "all", "encrypted": False, "participants": participants}],
        }
    )
    for executor in ("inline", "process"):
        started = time.perf_counter()
        with Sandbox(world, executor=executor) as box, box.own_client("u") as client:
            figures.seconds(f"100 nodes up, {executor}", time.perf_counter() - started)
            where = list(range(2, 102))
            run = runner(client, PARTIAL, where)
            run()
            figures.seconds(f"one task to 100 nodes, {executor}", median(run, 3))
