"""The genuine node, as its own command line starts it without a container of its own."""

import json
import shutil
import uuid
from pathlib import Path
from signal import SIGTERM, Signals
from urllib.parse import urlsplit

from tests.components import lacking
from tests.genuine.environments import NODE
from tests.genuine.images import genuine_library
from tests.genuine.programs import Program, free_port
from tests.genuine.servers import LOGGING
from tests.images import engine

_READY = "Waiting for new tasks"


class GenuineNode(Program):
    """A genuine node 3.7.3, whose algorithms run in Docker.

    It is told where its files are in all the ways there are: a node asks whether the file
    `/.dockerenv` exists to know whether it is in a container itself, and here that may be so
    without its being there.

    Args:
        folder: for its configuration and data.
        api_url: the server's API.
        api_key: its key.
        data: the table that it calls `default`.
        private_key: of its organization; None for a collaboration that does not encrypt.
    """

    def __init__(
        self, folder: Path, api_url: str, api_key: str, data: Path, private_key: Path | None = None
    ) -> None:
        if not NODE.is_ready:
            lacking("the genuine node 3.7.3", "make genuine")
        self.name = f"v6sim-test-{uuid.uuid4().hex[:8]}"
        self.mounted = folder / "data" / "data"
        """What its algorithms see as /mnt/data."""
        database = folder / "default.csv"
        shutil.copy(data, database)
        configuration = self._configuration(folder, api_url, api_key, database, private_key)
        file = folder / f"{self.name}.yaml"
        file.write_text(json.dumps({"application": configuration}))  # which is YAML too
        super().__init__(
            [NODE.command("vnode-local"), "start", "--user", "-c", file],
            folder,
            PROXY_SERVER_PORT=str(free_port()),
            DATA_VOLUME_NAME=str(self.mounted),
            DEFAULT_DATABASE_URI=f"..{database}",  # counted from /mnt
        )
        self._times_ready = 0

    @staticmethod
    def _configuration(
        folder: Path, api_url: str, api_key: str, database: Path, private_key: Path | None
    ) -> dict[str, object]:
        parts, image = urlsplit(api_url), genuine_library()
        return {
            "api_key": api_key,
            "server_url": f"{parts.scheme}://{parts.hostname}",
            "port": parts.port,
            "api_path": parts.path,
            "task_dir": str(folder / "tasks"),
            "databases": {"default": str(database)},
            "logging": LOGGING,
            "encryption": {"enabled": private_key is not None, "private_key": str(private_key)},
            "directories": {"data": str(folder / "data"), "log": str(folder / "log")},
            # helpers, of which only the sleep of the first is ever run
            "alpine": image,
            "images": {"alpine": image, "vpn_client": image, "network_config": image},
        }

    def is_up(self) -> bool:
        """Whether it waits for work."""
        return self.said.count(_READY) > self._times_ready

    def start(self) -> None:
        """Start it on a network that it would make itself, but whose address is known so."""
        network = engine().networks.create(f"vantage6-{self.name}-user-net")
        network.reload()
        self._environment["PROXY_SERVER_HOST"] = network.attrs["IPAM"]["Config"][0]["Gateway"]
        if (self.folder / "output").exists():
            self._times_ready = self.said.count(_READY)
        super().start()

    def stop(self, by: Signals = SIGTERM) -> None:
        """Stop it, and remove what it leaves in Docker."""
        try:
            super().stop(by)
        finally:
            own = {"name": f"vantage6-{self.name}-"}
            for container in engine().containers.list(all=True, filters=own, ignore_removed=True):
                container.remove(force=True)
            for left in (*engine().networks.list(filters=own), *engine().volumes.list(filters=own)):
                left.remove()

    def containers(self) -> list[str]:
        """Names of its algorithms' containers, helpers left out."""
        found = engine().containers.list(
            all=True, filters={"name": f"vantage6-{self.name}-"}, ignore_removed=True
        )
        return [each.name for each in found if not each.name.endswith("-helper")]
