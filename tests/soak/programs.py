"""The programs of a federation, which come to harm."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from tests.commands import ADDRESS, PATIENCE, V6SIM, environment, until
from tests.images import engine, python_image
from v6sim.client import Client
from v6sim.node.executors import inside
from v6sim.views import Ticket
from v6sim.wire.payload import serialize

REPEATS = int(os.environ.get("V6SIM_REPEATS", "1"))
"""How often each fault is played."""

_PATIENCE = 180  # seconds that a hundred runs may take to begin

IMAGE = "v6sim-test/soak"
PACKAGE = Path(__file__).with_name("algorithm")
ROSA = ("rosa", "Rosa-1")


class Program:
    """A command of v6sim that goes on until it is ended.

    Args:
        folder: where its files are: what it says, and a folder `tmp` for what it makes.
        words: the command.
        variables: of its environment.
    """

    def __init__(
        self, folder: Path, *words: str | Path, variables: Mapping[str, str] | None = None
    ) -> None:
        self._words = words
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self._said = folder / "said"
        self._variables = {"TMPDIR": str(self.temporary), **(variables or {})}
        self._child: subprocess.Popen[bytes] | None = None
        self.address = ""
        """The one that it says when it is up."""

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._child is not None
        return self._child.pid

    @property
    def worker(self) -> psutil.Process:
        """The process that does its work, under a supervisor."""
        (worker,) = psutil.Process(self.pid).children()
        return worker

    @property
    def said(self) -> str:
        """All that it has said since its last start."""
        return self._said.read_text()

    def start(self) -> None:
        """Start it, and wait until it is up."""
        with self._said.open("wb") as said:
            self._child = subprocess.Popen(
                [V6SIM, *self._words], env={**environment(), **self._variables},
                stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
        until(self._is_up)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it in some way, if it is not ended yet."""
        assert self._child is not None
        self._child.send_signal(how)
        self._child.wait(PATIENCE)

    def family(self) -> list[psutil.Process]:
        """All that it has started, and what that has."""
        return psutil.Process(self.pid).children(recursive=True)

    def _is_up(self) -> bool:
        assert self._child is not None
        assert self._child.poll() is None, self.said
        found = [ADDRESS.search(line) for line in self.said.splitlines() if "(ctrl-C" in line]
        self.address = found[0][0] if found and found[0] else ""
        return bool(self.address)


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    """Have programs run, one started after the other."""
    with ExitStack() as stack:
        for program in programs:
            program.start()
            stack.callback(program.end)
        yield


def world(folder: Path, organizations: int = 1, **changes: Any) -> Path:
    """A file of a world with that many organizations, all in one collaboration."""
    data = folder / "data.csv"
    data.write_text("x\n1\n2\n3\n")
    names = [f"org{number}" for number in range(1, organizations + 1)]
    rosa = {"username": ROSA[0], "password": ROSA[1], "roles": ["Root"]}
    participants = [
        {"name": name, "databases": {"default": str(data)}, "api_key": api_key(number)}
        for number, name in enumerate(names, 1)
    ]
    users = {"org1": [rosa]}
    content = {
        "organizations": [{"name": name, "users": users.get(name, [])} for name in names],
        "collaborations": [{"name": "all", "encrypted": False, "participants": participants}],
        "algorithms": {IMAGE: {"package": str(PACKAGE)}},
        **changes,
    }  # fmt: skip
    file = folder / "world.json"
    file.write_text(json.dumps(content))
    return file


def api_key(number: int) -> str:
    """The key of the node of an organization."""
    return f"00000000-0000-4000-8000-{number:012}"


def image() -> str:
    """The algorithm as an image."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, f"{folder}/{PACKAGE.name}", ignore=shutil.ignore_patterns("__p*"))
        shutil.copytree(Path(inside.__file__).parent, f"{folder}/inside")
        Path(folder, "Dockerfile").write_text(
            f"FROM {python_image()}\nENV LANG=C.UTF-8\nSTOPSIGNAL SIGKILL\nVOLUME /scratch\n"
            f'COPY . /app\nCMD ["python", "/app/inside", "{PACKAGE.name}", "/app"]\n'
        )
        engine().images.build(path=folder, tag=IMAGE, rm=True)
    return IMAGE


def served(folder: Path, file: Path) -> Program:
    """A server of a world, which says how to start its nodes."""
    words = "--show-passwords", "--port", "0", "--world"
    return Program(folder / "server", "server", *words, file)


def node_words(server: Program, number: int = 1) -> Sequence[str]:
    """The command of a node of a server's world."""

    def lines() -> list[str]:
        return [line for line in server.said.splitlines() if line.startswith("  ")]

    until(lambda: len(lines()) >= number and server.said.endswith("\n"))
    return shlex.split(lines()[number - 1])[1:]


def submit(
    client: Client, method: str, organizations: Sequence[int] = (2,), **kwargs: Any
) -> Ticket:
    """Send a task; returns its ticket."""
    master = method == "persist"
    given = serialize({"method": method, "master": master, "kwargs": kwargs})
    return client.submit(1, list(organizations), IMAGE, given)


def until_active(client: Client, *tasks: Ticket) -> None:
    """Wait until all runs of tasks are under way."""

    def is_active(task: Ticket) -> bool:
        return all(run.status == "active" for run in client.look(task).runs)

    for task in tasks:
        until(partial(is_active, task), _PATIENCE)


def tree(mark: str) -> list[psutil.Process]:
    """The processes of runs, wherever they are: those that bear a mark, and who started them."""
    marked = [each for each in psutil.process_iter() if mark in _command(each)]
    return [*marked, *(p for each in marked if (p := each.parent()) and p not in marked)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def docker_for(executor: str) -> Any:
    """The engine with the algorithm's image, if the executor is `docker`; else None."""
    if executor != "docker":
        return None
    image()
    return engine()
