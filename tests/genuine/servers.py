"""The genuine server, as its own command line starts and fills it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.commands import PATIENCE
from tests.components import lacking
from tests.genuine.environments import SERVER
from tests.genuine.programs import Program, free_port

LOGGING = {
    "level": "DEBUG",
    "file": "log.txt",
    "use_console": True,
    "backup_count": 1,
    "max_size": 1024,
    "format": "%(asctime)s %(name)s %(message)s",
    "datefmt": "%H:%M:%S",
}


class GenuineServer(Program):
    """A genuine server 3.7.3 with an SQLite database.

    Args:
        folder: for its configuration and database.
    """

    def __init__(self, folder: Path) -> None:
        if not SERVER.is_ready:
            lacking("the genuine server 3.7.3", "make genuine")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api"
        self._at = ("--user", "-c", folder / "server.yaml")
        super().__init__([SERVER.command("vserver-local"), "start", *self._at], folder)
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Write its configuration; it is read at the next start."""
        production = {
            "description": "a test",
            "ip": "127.0.0.1",
            "port": self.port,
            "api_path": "/api",
            "uri": f"sqlite:///{self.folder / 'server.sqlite'}",
            "allow_drop_all": False,
            "logging": LOGGING,
            **settings,
        }
        configuration = {"application": {}, "environments": {"prod": production}}
        (self.folder / "server.yaml").write_text(json.dumps(configuration))  # which is YAML too

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            return httpx.get(f"{self.url}/version", timeout=PATIENCE).is_success
        except httpx.TransportError:
            return False

    def load(self, fixture: dict[str, Any]) -> None:
        """Have its own command import organizations, users and collaborations."""
        file = self.folder / "fixture.yaml"
        file.write_text(json.dumps(fixture))
        subprocess.run(
            [SERVER.command("vserver-local"), "import", *self._at, file],
            cwd=self.folder, env=self._environment, check=True, capture_output=True,
            timeout=PATIENCE,
        )  # fmt: skip
