"""A node's databases, by label."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from v6sim.node.errors import MissingDatabase
from v6sim.world.path import has_scheme
from v6sim.world.sqlite_address import absolute_address

DEFAULT = "default"
"""The label that a task without one means; R's client sends "" for it."""

_TYPES = {".parquet": "parquet", ".xlsx": "excel", ".xls": "excel"}


@dataclass(frozen=True)
class Database:
    """One database of a node.

    Args:
        label: what tasks call it.
        uri: an absolute path, or an address that is handed through as it is.
    """

    label: str
    uri: str

    @property
    def is_file(self) -> bool:
        """Whether it is a file here, rather than an address."""
        return not has_scheme(self.uri)

    @property
    def type(self) -> str:
        """The type in the words of libraries from 3.8 on: csv unless the name tells otherwise."""
        if not self.is_file:
            return "sparql" if self.uri.lower().startswith("http") else "sql"
        return _TYPES.get(Path(self.uri).suffix.lower(), "csv")


class Databases:
    """The databases of one node.

    Args:
        uris: path or address by label; relative paths count from the working directory.
    """

    def __init__(self, uris: Mapping[str, str | Path]) -> None:
        self._databases = {label: Database(label, _uri(uri)) for label, uri in uris.items()}

    def __iter__(self) -> Iterator[Database]:
        return iter(self._databases.values())

    def pick(self, label: str | None) -> Database:
        """The database that a task asks for; "" and null mean `default`.

        Raises:
            MissingDatabase: there is none of that label, or its file is not there.
        """
        wanted = label or DEFAULT
        database = self._databases.get(wanted)
        if database is None:
            known = ", ".join(self._databases) or "none"
            raise MissingDatabase(
                f"this node has no database {wanted!r}; its databases are: {known}"
            )
        if database.is_file and not Path(database.uri).is_file():
            raise MissingDatabase(f"database {wanted!r} is {database.uri}, which is not a file")
        return database


def _uri(uri: str | Path) -> str:
    if has_scheme(str(uri)):
        return absolute_address(str(uri), Path.cwd())
    return str(Path(uri).expanduser().resolve())
