"""Genuine clients, each in its own environment, against `v6sim up` in a process of its own."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.commands import PATIENCE, running
from tests.components import lacking
from tests.genuine.environments import CLIENTS

SCRIPTS = Path(__file__).parent / "scripts"
Play = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def up() -> Iterator[str]:
    """The address of the built-in world's API."""
    with running("up", "--port", "0") as (_, address):
        yield address


@pytest.fixture(params=CLIENTS)
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Runs a script with a genuine client, and gives what it wrote down."""
    environment = CLIENTS[request.param]
    if not environment.is_ready:
        lacking(f"the genuine client {request.param}", "make genuine")

    python = str(environment.python)

    def run(script: str, address: str = "", *arguments: str) -> dict[str, Any]:
        url, out = urlsplit(address), tmp_path / "out.json"
        command = [python, str(SCRIPTS / script)]
        if address:
            command += [f"http://{url.hostname}", str(url.port)]
        said = subprocess.run(
            [*command, *arguments, str(out)], capture_output=True, text=True, timeout=PATIENCE,
            cwd=tmp_path, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-3000:]
        seen: dict[str, Any] = json.loads(out.read_text())
        return seen

    return run
