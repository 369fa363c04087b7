"""The file in which a running server keeps its secret, for programs of the same user.

It lies in the user's runtime folder, else in the state folder, is called by the address that the
server listens on, and is there as long as the server runs. Only its owner can read it.
"""

import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from v6sim.runtime.hosts import ANY_ADDRESS, is_loopback, local_url
from v6sim.runtime.process_identity import is_alive, is_gone, this_process

_NAME = re.compile(r"(?P<host>[\w.-]+)-(?P<port>\d{1,5})\.json", re.ASCII)
_PORTS = {"http": 80, "https": 443}


class SecretNotKept(Exception):
    """The secret cannot be written to a file. The text says where, and why."""


@dataclass(frozen=True)
class SecretFile:
    """What a secret file holds.

    Args:
        host: address that the server listens on.
        port: its port.
        owner: the server's process.
        secret: the secret.
    """

    host: str
    port: int
    owner: str
    secret: str = field(repr=False)

    @property
    def url(self) -> str:
        """Address at which programs of this machine reach that server, and no other one."""
        return local_url(self.host, self.port)


def secret_folder() -> Path:
    """Return the folder of secret files: `v6sim` in the user's runtime folder or state folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "v6sim"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "v6sim"


@contextmanager
def secret_kept(host: str, port: int, secret: str) -> Iterator[Path]:
    """Keep the secret of a server in its file for the length of this context.

    Args:
        host: address that the server listens on.
        port: its port.
        secret: the secret.

    Raises:
        SecretNotKept: the file cannot be written.
    """
    content = SecretFile(host, port, this_process(), secret)
    try:
        path = _write(content)
    except OSError as error:
        raise SecretNotKept(
            f"the secret of the server cannot be kept in {error.filename}: {error.strerror}"
        ) from None
    except RuntimeError as error:  # of a user without a home folder
        raise SecretNotKept(f"the secret of the server cannot be kept in a file: {error}") from None
    try:
        yield path
    finally:
        if _read(path) == content:
            with suppress(OSError):
                path.unlink()


def find_secret(url: str) -> SecretFile | None:
    """Return the secret file of the server at an address, if this user runs that on this machine.

    Args:
        url: the address, with or without a path.
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    wanted = (parts.hostname or "").rstrip(".")
    for path in _files():
        found = _read(path)
        if found is None or found.port != port or not _is_meant(wanted, found.host):
            continue
        if is_alive(found.owner):
            return found
    return None


def _is_meant(wanted: str, listening: str) -> bool:
    """Return whether a host name of an address means the server that listens on a host."""
    if wanted == listening:
        return True
    if is_loopback(wanted):
        return is_loopback(listening) or listening in ANY_ADDRESS
    return listening in ANY_ADDRESS and _is_of_this_machine(wanted)


def _is_of_this_machine(host: str) -> bool:
    """Return whether a literal address is one of this machine's own."""
    try:
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except (OSError, ValueError):
        return False
    return True


def _write(content: SecretFile) -> Path:
    folder = secret_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(1, "the folder belongs to another user", str(folder))
    folder.chmod(0o700)
    remove_left_secrets()
    path = folder / f"{content.host.replace(':', '_')}-{content.port}.json"
    fresh = path.with_suffix(f".{os.getpid()}.new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(fresh, flags, 0o600), "w") as file:
        json.dump(asdict(content), file)
    fresh.replace(path)
    return path


def remove_left_secrets(*, also_own: bool = False) -> None:
    """Remove the files of servers that were killed.

    Args:
        also_own: also those of this process, which has been killed as good as.
    """
    for path in _files():
        found = _read(path)
        is_own = found is not None and also_own and found.owner == this_process()
        if found is not None and (is_own or is_gone(found.owner)):
            with suppress(OSError):
                path.unlink()


def _files() -> list[Path]:
    try:
        return [path for path in secret_folder().iterdir() if _NAME.fullmatch(path.name)]
    except (OSError, RuntimeError):
        return []


def _read(path: Path) -> SecretFile | None:
    """Return the content of a file that only this user can read, and None for any other."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            seen = os.fstat(file.fileno())
            if not stat.S_ISREG(seen.st_mode):
                return None
            if seen.st_uid != os.getuid() or stat.S_IMODE(seen.st_mode) & 0o077:
                return None
            return SecretFile(**json.load(file))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
