"""A folder in which a sandbox keeps its database and secrets from one start to the next."""

import fcntl
import json
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import IO, Self


class KeepTaken(Exception):
    """Another sandbox uses the folder; the text is for the person who starts one."""


class Keep:
    """A folder that one sandbox at a time uses; a context manager.

    Args:
        folder: where; it is made if need be, readable by its owner alone.

    Raises:
        KeepTaken: another sandbox uses it (at entering the context).
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
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise KeepTaken(
                f"another v6sim keeps its database in {self._folder}: stop it, or choose another"
            ) from None
        if self._file.exists():
            self._secrets = json.loads(self._file.read_text("utf-8"))
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
            self._secrets[name] = secrets.token_urlsafe(32)
            self._write()
        return self._secrets[name]

    @property
    def _file(self) -> Path:
        return self._folder / "secrets.json"

    def _write(self) -> None:
        """Write all secrets, whole or not at all, for nobody else to read."""
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._secrets, file, indent=1)
        fresh.replace(self._file)
