"""Where the runs of a node take place: a network with one door, which leads to the node's proxy.

The network is internal, so that no way leads out of it; and its bridge has no address on the host,
so that the host's own ports are out of reach too, whatever they listen on. On it stands the door: a
container that hands connections on to the Unix socket on which the node's proxy answers. Algorithms
know it as `proxyserver`, as on a genuine node (reference: node, section 7).
"""

import hashlib
import io
import ipaddress
import os
import platform
import random
import tarfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from v6sim.node.docker.engine import Engine
from v6sim.node.errors import RunError
from v6sim.node.executors.base import Member, Reach

NAME, PORT = "proxyserver", 8080
REACH = Reach(f"http://{NAME}", PORT)

_RANGE = ipaddress.ip_network("198.18.0.0/15")
"""For tests of networks (RFC 2544), hence nobody's; nothing on the bridge ever leaves it anyway."""
_PREFIX = 25
_TRIES = 50
_SOCKET = "proxy.sock"
_INSIDE = "/run/v6sim"


class Ground:
    """The network and the door of one node.

    Args:
        engine: the engine.
        member: the node.
        folder: where the socket of its proxy is.
    """

    def __init__(self, engine: Engine, member: Member, folder: Path) -> None:
        self._engine, self.member, self._folder = engine, member, folder
        self.network = engine.name("node", member.node_id)
        self.socket = folder / _SOCKET
        self._door = f"{self.network}-door"
        self._labels = {**engine.labels, "node": member.name}
        self._lock = threading.Lock()
        self._gone = False

    def ensure(self) -> None:
        """Make what is not there, be it that it never was or that the engine has restarted."""
        with self._lock:
            if self._gone:
                raise RunError("the node is leaving")
            if self._door_is_open():
                return
            self._make_network()
            self._connect_services()
            self._open_door()

    def remove(self) -> None:
        """Take it all away, for good."""
        with self._lock:
            self._gone = True
            self._engine.remove_container(self._door)
            self._engine.remove_network(self.network)

    def _door_is_open(self) -> bool:
        """Whether the door is there, and works; one that has ended is removed."""
        from docker.errors import NotFound

        try:
            if self._engine.api.inspect_container(self._door)["State"]["Running"]:
                return True
        except NotFound:
            return False
        self._engine.remove_container(self._door)
        return False

    def _make_network(self) -> None:
        from docker.errors import APIError
        from docker.types import IPAMConfig, IPAMPool

        api = self._engine.api
        if any(row["Name"] == self.network for row in api.networks(names=[self.network])):
            return
        problem: APIError | None = None
        for subnet in islice(_subnets(), _TRIES):
            try:
                api.create_network(
                    self.network,
                    driver="bridge",
                    internal=True,
                    options={"com.docker.network.bridge.inhibit_ipv4": "true"},
                    ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=subnet)]),
                    labels={**self._labels, "vantage6-type": "network"},
                    check_duplicate=True,
                )
            except APIError as error:
                if "overlap" not in str(error).lower():
                    raise
                problem = error
            else:
                break
        else:
            raise RunError(f"no free addresses for a network of the node: {problem}")

    def _connect_services(self) -> None:
        from docker.errors import APIError

        for alias, container in self.member.services.items():
            try:
                self._engine.api.connect_container_to_network(
                    container, self.network, aliases=[alias]
                )
            except APIError as error:
                if "already exists" not in str(error):
                    raise RunError(
                        f"the container {container!r}, which `docker_services` names {alias!r}, "
                        f"cannot be connected: {error.explanation}"
                    ) from None

    def _open_door(self) -> None:
        from docker.types import Mount

        api = self._engine.api
        image = _door_image(self._engine)
        outside = self._engine.standpoint.outside(self._folder)
        api.create_container(
            image,
            [f"/{_BINARY}", str(PORT), f"{_INSIDE}/{_SOCKET}"],
            name=self._door,
            user=f"{os.getuid()}:{os.getgid()}",  # the socket's folder is its owner's alone
            labels={**self._labels, "vantage6-type": "proxy"},
            stop_signal="SIGKILL",  # so that an engine that is told to stop need not wait for it
            host_config=api.create_host_config(
                network_mode=self.network,
                mounts=[Mount(_INSIDE, outside, type="bind", read_only=True)],
                cap_drop=["ALL"],
                read_only=True,
                log_config={"Type": "none"},
            ),
            networking_config=api.create_networking_config(
                {self.network: api.create_endpoint_config(aliases=[NAME])}
            ),
        )
        api.start(self._door)


_BINARY = "door"


def _door_image(engine: Engine) -> str:
    """The image of doors, which is made here when it is missing."""
    machine = platform.machine().lower().replace("amd64", "x86_64").replace("arm64", "aarch64")
    file = Path(__file__).parent / "door" / f"door-{machine}"
    if not file.exists():
        raise RunError(f"there is no door for processors of the kind {machine!r}")
    content = file.read_bytes()
    name = f"v6sim/door:{hashlib.sha256(content).hexdigest()[:12]}"
    from docker.errors import NotFound

    with suppress(NotFound):
        engine.api.inspect_image(name)
        return name
    entry = tarfile.TarInfo(_BINARY)
    entry.mode, entry.size = 0o755, len(content)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(entry, io.BytesIO(content))
    engine.api.import_image_from_data(archive.getvalue(), *name.split(":"))
    return name


def _subnets() -> Iterator[str]:
    """Some subnets of the range, at random, as others take some too."""
    size = 2 ** (32 - _PREFIX)
    count = _RANGE.num_addresses // size
    for number in random.sample(range(count), count):
        yield f"{_RANGE[number * size]}/{_PREFIX}"
