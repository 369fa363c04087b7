"""A folder in which a sandbox keeps its database and secrets from one start to the next."""

import fcntl
import hashlib
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from pydantic import BaseModel

from v6sim.runtime.atomic_file import write_atomically
from v6sim.runtime.plain_file import is_special
from v6sim.world import World

_SHOWN = 3  # names of what differs


class KeepError(Exception):
    """The folder cannot be used; the text is for the person who starts a sandbox."""


class KeepTaken(KeepError):
    """Another sandbox uses the folder."""


class KeepBroken(KeepError):
    """A file in the folder is not as a sandbox writes it."""


class KeepDiffers(KeepError):
    """The database in the folder was filled from another world."""


class Keep:
    """A folder that one sandbox at a time uses; a context manager.

    Args:
        folder: where; it is made if need be, readable by its owner alone.

    Raises:
        KeepTaken: another sandbox uses it (at entering the context).
        KeepBroken: its secrets cannot be read (at entering the context).
        OSError: it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().resolve()
        self._lock: IO[str] | None = None
        self._secrets: dict[str, str] = {}

    @property
    def keys(self) -> Path:
        """The folder for private keys of organizations."""
        return self._folder / "keys"

    @property
    def database_url(self) -> str:
        """Where the database is."""
        return f"sqlite:///{self._folder / 'v6sim.sqlite'}"

    def __enter__(self) -> Self:
        """Take the folder."""
        if self._folder.exists() and not self._folder.is_dir():
            raise KeepBroken(f"{self._folder} is no folder: name one, which is made if need be")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_files()
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise KeepTaken(
                f"another v6sim keeps its database in {self._folder}: stop it, or choose another"
            ) from None
        for file in self._folder.glob("v6sim.sqlite*"):
            file.chmod(0o600)  # the folder may have been there before, for all to read
        try:
            self._secrets = self._read("secrets.json")
        except BaseException:
            self._lock.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the folder."""
        if self._lock:
            self._lock.close()

    def secret(self, name: str) -> str:
        """The secret of that name: the one from last time, or a new one."""
        if name not in self._secrets:
            self._secrets[name] = secrets.token_hex(20)
            self._write("secrets.json", self._secrets)
        return self._secrets[name]

    def check_made_of(self, parts: Mapping[str, str]) -> None:
        """Make sure that the database is filled from these parts of a world, or will be now.

        Args:
            parts: what is in the world, by name; see `parts_of`.

        Raises:
            KeepDiffers: it was filled from others.
        """
        database = self._folder / "v6sim.sqlite"
        if database.is_file() and not database.stat().st_size:
            raise KeepBroken(
                f"{database} is empty: put a copy of it in its place, or remove it to start anew"
            )
        if not database.exists():
            self._write("world.json", dict(parts))
            return
        kept = self._read("world.json")
        changed = sorted(name for name in {*kept, *parts} if kept.get(name) != parts.get(name))
        if changed:
            raise KeepDiffers(
                f"the database in {self._folder} was made from another world: "
                f"{', '.join(changed[:_SHOWN])}{' and more' if len(changed) > _SHOWN else ''} "
                f"differ. Choose another folder, or remove that one to start anew"
            )

    def _check_files(self) -> None:
        """Make sure that no pipe stands in the place of a file, and no link that leads nowhere.

        To open a pipe would wait for ever, and what a link hides would be made anew.
        """
        keys = self.keys.iterdir() if self.keys.is_dir() else ()
        for path in (*self._folder.iterdir(), *keys):
            if is_special(path) or (path.is_symlink() and not path.exists()):
                raise KeepBroken(
                    f"{path} is no plain file: put a copy of it in its place, or remove it"
                )

    def _read(self, name: str) -> dict[str, str]:
        file = self._folder / name
        if not file.exists():
            return {}
        try:
            content = json.loads(file.read_text("utf-8"))
        except (ValueError, RecursionError) as error:
            raise KeepBroken(f"{file} is not as it was written: {error}") from None
        if not isinstance(content, dict):
            raise KeepBroken(f"{file} is not as it was written: no JSON object")
        if wrong := [name for name, text in content.items() if not (text and type(text) is str)]:
            raise KeepBroken(f"{file} is not as it was written: {wrong[0]!r} is no text")
        return content

    def _write(self, name: str, content: dict[str, str]) -> None:
        """Write a file for nobody else to read."""
        write_atomically(self._folder / name, json.dumps(content, indent=1).encode(), 0o600)


def parts_of(world: World) -> dict[str, str]:
    """What a database is filled with: a fingerprint of each organization and collaboration."""
    parts = {}
    for organization in world.organizations:
        parts[f"organization {organization.name}"] = _fingerprint(organization, {"private_key"})
    for collaboration in world.collaborations:
        local = {"participants": {"__all__": {"databases"}}}
        parts[f"collaboration {collaboration.name}"] = _fingerprint(collaboration, local)
    return parts


def _fingerprint(part: BaseModel, exclude: Any) -> str:
    """Of all but what the server does not know."""
    return hashlib.sha256(part.model_dump_json(exclude=exclude).encode()).hexdigest()
