"""The sandbox of docker/, in a project of its own."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.components import lacking
from tests.images import engine

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / ".cache" / "compose"
BASE = "python:3.11-slim"
SERVICES = ("server", "node-1", "node-2", "node-3")


def copy_of_docker(folder: Path) -> Path:
    """The folder docker/ with wheels in it, elsewhere."""
    place = folder / "docker"
    shutil.copytree(ROOT / "docker", place, ignore=shutil.ignore_patterns("wheels"))
    words = [str(ROOT / "docker" / "make-wheels"), sys.executable, str(place / "wheels")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return place


class Stack:
    """A sandbox, and the Compose that runs it.

    Args:
        folder: a copy of docker/.
        version: of Compose, v1 or v2.
        environment: further variables.
    """

    def __init__(self, folder: Path, version: str, environment: Mapping[str, str]) -> None:
        self._folder, self._tools = folder, folder.parent / f"with-{version}"
        self.project = f"v6sim-test-{version}-{uuid.uuid4().hex[:8]}"
        self.port = free_port()
        self._environment = {
            **os.environ,
            **_tools(version, self._tools),
            "COMPOSE_PROJECT_NAME": self.project,
            "V6SIM_PORT": str(self.port),
            "V6SIM_IMAGES": self.project,
            "V6SIM_AVERAGE": f"{self.project}/average",
            **environment,
        }
        self._compose = ["docker", "compose"] if version == "v2" else ["docker-compose"]

    def __call__(self, *words: str, check: bool = True) -> str:
        """What Compose says to some words, on both of its outputs."""
        return self._run([*self._compose, *words], check=check)

    def sandbox(self, *words: str, terminal: bool = False) -> str:
        """What docker/sandbox says, into a pipe or to a terminal."""
        command = [str(self._folder / "sandbox"), *words]
        if terminal:
            command = ["script", "-qec", shlex.join(command), "/dev/null"]
        return self._run(command)

    def container(self, service: str) -> Any:
        """The container of a service."""
        return engine().containers.get(self("ps", "-q", service).split()[-1])

    def passwords(self) -> dict[str, str]:
        """Passwords by users."""
        said = self("exec", "-T", "server", "cat", "/state/logins")
        return {words[0]: words[1] for line in said.splitlines() if len(words := line.split()) >= 4}

    def secret(self) -> str:
        """What opens all that lies under `/_v6sim/`."""
        return self("exec", "-T", "server", "cat", "/state/control-token").strip()

    def left(self) -> dict[str, list[str]]:
        """What is there of it: containers, volumes, networks."""
        mine = {"label": f"com.docker.compose.project={self.project}"}
        return {
            "containers": [each.name for each in engine().containers.list(all=True, filters=mine)],
            "volumes": [each.name for each in engine().volumes.list(filters=mine)],
            "networks": [each.name for each in engine().networks.list(filters=mine)],
        }

    @property
    def api(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.port}/api"

    def _run(self, words: list[str], *, check: bool = True) -> str:
        done = subprocess.run(
            words, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout[-5000:]
        return done.stdout


def runs_of(container_id: str) -> list[Any]:
    """The containers that a node in a container has made, and that are there."""
    return [
        each
        for each in engine().containers.list(
            all=True, filters={"label": "v6sim.owner"}, ignore_removed=True
        )
        if container_id in each.labels["v6sim.owner"]
    ]


def memory(container: Any) -> int:
    """Bytes that a container uses, without what only caches files."""
    used = container.stats(stream=False)["memory_stats"]
    cached = used["stats"].get("inactive_file", used["stats"].get("total_inactive_file", 0))
    return int(used["usage"] - cached)


def inspect(container: Any) -> str:
    """All that the engine tells of a container."""
    return json.dumps(engine().api.inspect_container(container.id))


def _tools(version: str, folder: Path) -> dict[str, str]:
    """What has `docker compose`, or `docker-compose`, be that version alone."""
    if version == "v1":
        program = shutil.which("docker-compose")
        if program is None or "1." not in _said([program, "version", "--short"]):
            lacking("Compose v1", ".ci/compose")
        folder.mkdir(exist_ok=True)
        return {"DOCKER_CONFIG": str(folder)}
    if not (PLUGIN / "cli-plugins" / "docker-compose").exists():
        if not _said(["docker", "compose", "version"]):
            lacking("Compose v2", ".ci/compose")
        return {}
    return {"DOCKER_CONFIG": str(PLUGIN)}


def _said(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
