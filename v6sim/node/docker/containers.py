"""The container of one run."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import strsignal
from struct import pack
from typing import Any, BinaryIO

from v6sim.node.contract import Contract
from v6sim.node.docker.engine import Engine
from v6sim.node.docker.grounds import Ground
from v6sim.node.errors import NotStarted
from v6sim.world.docker import Docker

_DATA, _TEMPORARY = "/mnt/data", "/mnt/tmp"
_SIGNALS = range(129, 193)
_KILLED = 137


@dataclass(frozen=True)
class End:
    """How a container ended: its exit code, and what else there is to say."""

    code: int
    text: str


class Container:
    """The container of one run; its methods block.

    Args:
        engine: the engine.
        contract: what to run, and on what.
        image: the image.
        ground: the node's network, the only one that it is on.
        settings: the limits of its resources.
        of_algorithm: variables that win over those of the image, and not over those of the run.
        volume: what it sees as `/mnt/data`, and later runs too; None: an empty folder of its own.
    """

    def __init__(
        self,
        engine: Engine,
        contract: Contract,
        image: str,
        ground: Ground,
        settings: Docker,
        of_algorithm: Mapping[str, str],
        volume: Path | None = None,
    ) -> None:
        self._engine, self._contract, self._image = engine, contract, image
        self._ground, self._settings, self._of_algorithm = ground, settings, of_algorithm
        self.name = engine.name("node", contract.node_id, "run", contract.run_id)
        self._labels = {
            **engine.labels,
            "vantage6-type": "algorithm",
            "node": ground.member.name,
            "result_id": str(contract.run_id),
        }
        self._places = _places(contract)
        self._volume = volume
        if volume is not None:
            self._places[str(volume)] = (_DATA, False)
        self._cut = ""
        """Why the log ends before its end, if it does."""

    def create(self) -> None:
        """Make it, and the ground that it stands on if need be; it does not run yet.

        Raises:
            NotStarted: the engine refuses.
        """
        for folder in (self._contract.folder, self._contract.temporary):
            _open_up(folder)
        self._ground.ensure()
        api = self._engine.api
        with _starting():
            api.create_container(
                self._image,
                name=self.name,
                environment=self._contract.environment(self._seen, self._of_algorithm.items()),
                labels=self._labels,
                host_config=api.create_host_config(**self._host_config()),
            )

    def follow(self, started: Callable[[], None]) -> End:
        """Run it to its end; what it prints goes into the run's log as it comes.

        Raises:
            NotStarted: it does not start.
        """
        from docker.utils.socket import frames_iter

        api = self._engine.api
        wanted = {"stream": 1, "stdout": 1, "stderr": 1}
        with closing(api.attach_socket(self.name, wanted)) as output:
            try:
                with _starting():
                    api.start(self.name)
                started()
                with self._contract.log_file.open("ab", buffering=0) as log:
                    for _, chunk in frames_iter(output, tty=False):
                        self._cut = self._cut or _add(log, chunk)
            finally:
                output._response.close()  # noqa: SLF001  else its connection stays open
        code = api.wait(self.name, timeout=None)["StatusCode"]
        cut = f"the rest of the log is lost: {self._cut}" if self._cut else ""
        return End(code, "; ".join(filter(None, [cut, self._ending(code)])))

    def remove(self) -> None:
        """Kill it, and leave nothing of it."""
        self._engine.remove_container(self.name)
        if self._volume is not None:
            with suppress(OSError):  # the engine has made it, to mount the run's own folder at
                (self._volume / self._contract.folder.name).rmdir()

    def _ending(self, code: int) -> str:
        if code == _KILLED and self._engine.api.inspect_container(self.name)["State"]["OOMKilled"]:
            limit = self._settings.memory or "all that there is"
            return f"the algorithm was ended as it used more memory than it may ({limit})"
        if code in _SIGNALS:
            number = code - 128
            return f"the algorithm was ended by signal {number} ({strsignal(number)})"
        return f"the algorithm ended with exit code {code}" if code > 1 else ""

    def _host_config(self) -> dict[str, Any]:
        from docker.types import Mount

        limits, outside = self._settings, self._engine.standpoint.outside
        return {
            "network_mode": self._ground.network,
            "dns": ["127.0.0.1"],  # the engine's own would pass questions on to the outside
            "mounts": [
                Mount(inside, outside(here), type="bind", read_only=read_only)
                for here, (inside, read_only) in self._places.items()
            ],
            "cap_drop": ["NET_RAW"],
            "mem_limit": limits.memory,
            "memswap_limit": limits.memory,
            "nano_cpus": int(limits.cpus * 1e9) if limits.cpus else None,
            "pids_limit": limits.pids,
        }

    def _seen(self, path: str) -> str:
        """Where it sees a path of this machine."""
        if path in self._places:
            return self._places[path][0]
        folder, name = os.path.split(path)
        return f"{self._places[folder][0]}/{name}"


def _add(log: BinaryIO, chunk: bytes) -> str:
    """Add to a log; returns what is in the way, such as a full disk: the run goes on."""
    try:
        log.write(chunk)
    except OSError as error:
        return str(error)
    return ""


@contextmanager
def _starting() -> Iterator[None]:
    from docker.errors import APIError

    try:
        yield
    except APIError as error:
        raise NotStarted(f"the container does not start: {error.explanation}") from None


def _places(contract: Contract) -> dict[str, tuple[str, bool]]:
    """What the algorithm sees of this machine: where, and whether it may only read it."""
    places = {
        str(contract.folder): (f"{_DATA}/{contract.folder.name}", False),
        str(contract.temporary): (_TEMPORARY, False),
    }
    for database in contract.databases:
        if database.is_file and database.uri not in places and Path(database.uri).exists():
            name = f"{_DATA}/{Path(database.uri).name}"
            if any(name == inside for inside, _ in places.values()):
                name = f"{_DATA}/{database.label}-{Path(database.uri).name}"
            places[database.uri] = name, True
    return places


def _open_up(folder: Path) -> None:
    """Let the user of an image write there, whoever that is; the folder above keeps others out."""
    folder.chmod(0o777)
    for file in folder.iterdir():
        with suppress(OSError):  # a link, for one
            _open_up_file(file)
    if os.getuid() != 0:
        keep_ownership(folder)


def _open_up_file(path: Path) -> None:
    """The same for a file; of a link that an earlier run has left nothing is followed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o666)
    finally:
        os.close(descriptor)


def keep_ownership(folder: Path) -> None:
    """Have the owner of a folder own what others make in it, so that it can be removed."""
    none = 0xFFFFFFFF
    entries = [
        (0x01, 7, none),
        (0x02, 7, os.getuid()),
        (0x04, 7, none),
        (0x10, 7, none),
        (0x20, 7, none),
    ]
    content = pack("<I", 2) + b"".join(pack("<HHI", *entry) for entry in entries)
    with suppress(OSError):  # a file system without access control lists
        os.setxattr(folder, "system.posix_acl_default", content)
