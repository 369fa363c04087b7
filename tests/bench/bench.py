"""What v6sim costs in time and memory, next to the genuine stack: `make bench`.

Figures of the genuine stack (server 3.7.3, nodes 3.7.3 in Docker, two cores) were measured once;
they are here for scale. Arguments name the parts to measure; none: all.
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from v6sim import Sandbox, World
from v6sim.client import Client
from v6sim.wire.payload import serialize

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # for what tests have in common
V6SIM = Path(sys.executable).with_name("v6sim")
IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "master": False, "kwargs": {"column_name": "age"}}
MASTER = {"method": "master", "master": True, "kwargs": {"column_name": "age"}}
GENUINE = {
    "server: start to first answer": 1.9,
    "a page of tasks": 0.026,
    "RPC average at 2, genuine client": 3.1,
    "master average at 1, genuine client": 8.5,
}
"""Seconds of the genuine stack."""


class Figures:
    """What was measured, as a table."""

    def __init__(self) -> None:
        self._table = Table("what", "v6sim", "genuine", "times as fast")

    def seconds(self, name: str, value: float) -> None:
        """Note a duration."""
        genuine = GENUINE.get(name)
        shown = f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"
        against = (f"{genuine:g} s", f"{genuine / value:.1f}") if genuine else ("", "")
        self._table.add_row(name, shown, *against)

    def other(self, name: str, value: str) -> None:
        """Note something else."""
        self._table.add_row(name, value, "", "")

    def show(self) -> None:
        """Print all."""
        Console().print(self._table)


def median(act: Callable[[], object], times: int) -> float:
    """How long something takes, typically, in seconds."""
    durations = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        durations.append(time.perf_counter() - started)
    return statistics.median(durations)


@contextlib.contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """A running `v6sim ...`: its process, its API's address, and how long it took to say it."""
    started = time.perf_counter()
    with subprocess.Popen([V6SIM, *arguments], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        line = child.stdout.readline()
        address = next(word for word in line.split() if word.startswith("http"))
        httpx.get(f"{address}/version").raise_for_status()
        try:
            yield child, address, time.perf_counter() - started
        finally:
            child.terminate()
            child.communicate()


def start(figures: Figures) -> None:
    """Start to first answer."""
    for name, arguments in {
        "server: start to first answer": ("server", "--port", "0"),
        "up: start to first answer, 3 nodes online": ("up", "--port", "0"),
    }.items():
        taken = []
        for _ in range(5):
            with process(*arguments) as (_, _, seconds):
                taken.append(seconds)
        figures.seconds(name, statistics.median(taken))


def requests(figures: Figures) -> None:
    """Logins, and lists of many tasks."""
    with Sandbox("manual", with_nodes=False, settings={"hold_seconds": 0}) as box:
        login = {"username": "researcher", "password": "Researcher-1"}
        with httpx.Client(base_url=box.api_url, trust_env=False) as http:
            figures.seconds("login", median(lambda: http.post("/token/user", json=login), 50))
            token = http.post("/token/user", json=login).json()["access_token"]
            http.headers["Authorization"] = f"Bearer {token}"
            body = {"collaboration_id": 1, "organizations": [], "image": "x"}
            made = 0
            for many in (100, 10_000):
                while made < many:
                    http.post("/task", json=body).raise_for_status()
                    made += 1
                for name, path in (("all", "/task"), ("a page", "/task?page=1&per_page=10")):
                    _list(figures, http, body, f"{name} of {many} tasks", path)
            page = "/task?page=1&per_page=10&include=metadata"
            figures.seconds("a page of tasks", median(lambda: http.get(page), 500))
            figures.other("pages of tasks a second, 1 connection", _rate(http, page))


def _list(figures: Figures, http: httpx.Client, body: object, name: str, path: str) -> None:
    """A list that has changed since it was asked for last."""
    taken = []
    for _ in range(5):
        http.post("/task", json=body)
        started = time.perf_counter()
        http.get(path).raise_for_status()
        taken.append(time.perf_counter() - started)
    figures.seconds(f"{name}, after a change", statistics.median(taken))


def _rate(http: httpx.Client, path: str) -> str:
    """Requests a second, by a client that costs as little as possible where one is at hand."""
    wrk = next((p for p in ("/usr/bin/wrk", "/usr/local/bin/wrk") if Path(p).exists()), None)
    if wrk is None:
        return "(wrk is not installed)"
    header = f"Authorization: {http.headers['Authorization']}"
    command = [wrk, "-t1", "-c1", "-d2", "-H", header, str(http.base_url).rstrip("/") + path]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(line.split()[-1] for line in said.splitlines() if "Requests/sec" in line)


def tasks(figures: Figures) -> None:
    """From a task to its result, in each way to run algorithms."""
    ways: dict[str, dict[str, Any]] = {
        "inline": {"executor": "inline"},
        "process, warm": {"executor": "process"},
        "process, cold": {"executor": "process", "cold": True},
    }
    for way, options in ways.items():
        with Sandbox("manual", **options) as box, box.client("researcher") as client:
            for name, given, where in (("RPC at 2", PARTIAL, [2, 3]), ("master at 1", MASTER, [2])):
                run = _runner(client, given, where)
                run()  # the first run loads the algorithm
                figures.seconds(f"{name}, {way}", median(run, 9))


def _runner(
    client: Client, given: dict[str, object], where: list[int], image: str = IMAGE
) -> Callable[[], None]:
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


def containers(figures: Figures) -> None:
    """The average at two organizations in Docker, next to two bare `docker run` of its image."""
    from tests.images import average_project, engine

    data = ROOT / "v6sim" / "world" / "builtin" / "manual" / "data"
    with tempfile.TemporaryDirectory() as folder:
        project = average_project(Path(folder) / "average")
        image = engine().images.build(path=str(project), tag="v6sim-test/average", rm=True)[0].id
        bare = [_bare(Path(folder) / f"bare{n}", image, data / f"org{n}.csv") for n in (1, 2)]
        with Sandbox("manual", executor="docker") as box, box.client("researcher") as client:
            run = _runner(client, PARTIAL, [2, 3], "v6sim-test/average")
            run()
            pairs = [(median(run, 1), median(lambda: _in_parallel(bare), 1)) for _ in range(7)]
    ours, theirs = (statistics.median(taken) for taken in zip(*pairs, strict=True))
    figures.seconds("RPC average at 2, docker", ours)
    figures.seconds("two bare `docker run` of its image in parallel", theirs)
    figures.other("the first as a multiple of the second", f"{ours / theirs:.2f} (at most 1.3)")


def _bare(folder: Path, image: str, data: Path) -> list[str]:
    """A command that runs the image as a node would, and nothing more."""
    folder.mkdir()
    (folder / "input").write_bytes(serialize(PARTIAL))
    (folder / "token").write_text("none")
    environment = {
        "INPUT_FILE": "/run/input", "OUTPUT_FILE": "/run/output", "TOKEN_FILE": "/run/token",
        "DATABASE_URI": "/data.csv", "HOST": "http://none", "PORT": "1", "API_PATH": "",
    }  # fmt: skip
    given = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    return [
        "docker",
        "run",
        "--rm",
        "-v",
        f"{folder}:/run",
        "-v",
        f"{data}:/data.csv",
        *given,
        image,
    ]


def _in_parallel(commands: list[list[str]]) -> None:
    from tests.images import engine

    environment = {**os.environ, "DOCKER_API_VERSION": engine().version()["ApiVersion"]}
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        for command in commands
    ]
    assert not any(child.wait() for child in running)


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
        with Sandbox(world, executor=executor) as box, box.client("u") as client:
            figures.seconds(f"100 nodes up, {executor}", time.perf_counter() - started)
            where = list(range(2, 102))
            run = _runner(client, PARTIAL, where)
            run()
            figures.seconds(f"one task to 100 nodes, {executor}", median(run, 3))


def memory(figures: Figures) -> None:
    """What it takes while nothing happens, and at the most."""
    with process("up", "--port", "0") as (child, address, _):
        time.sleep(1)
        figures.other("idle: server and 3 nodes", _resident(child.pid))
        with Client(address, "researcher", "Researcher-1") as client:
            for given, where in ((PARTIAL, [2, 3]), (MASTER, [2])):
                _runner(client, given, where)()
        figures.other("after running tasks, with a warm interpreter", _resident(child.pid))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    figures.other("peak of any one process of it", f"{peak:.0f} MB")


def _resident(pid: int) -> str:
    parent = psutil.Process(pid)
    used = sum(p.memory_info().rss for p in (parent, *parent.children(recursive=True)))
    return f"{used / 2**20:.0f} MB"


PARTS = {
    part.__name__: part for part in (start, requests, tasks, genuine, containers, crowd, memory)
}


def main() -> None:
    """Measure the named parts, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help="what to measure")
    named = parser.parse_args().part or list(PARTS)
    figures = Figures()
    for name in named:
        print(f"measuring: {name}", file=sys.stderr)
        PARTS[name](figures)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    figures.show()


if __name__ == "__main__":
    main()
