"""Values worked out from the database, kept for as long as they are true."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from v6sim.server.store.revisions import Revisions

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_SNAPSHOTS = 4  # whose values are kept until they come back


class Kept(Generic[K, V]):
    """Values by key, all forgotten when one of the tables changes that they come from.

    Those of a snapshot are true again when the tables have gone back to it.

    Args:
        revisions: of the database.
        tables: names of those tables; all, if none is named.
        most: how many values to keep.
    """

    def __init__(self, revisions: Revisions, tables: Iterable[str] = (), most: int = 1000) -> None:
        self._revisions = revisions
        self._tables = tuple(tables)
        self._most = most
        self._revision = 0
        self._values: dict[K, V] = {}
        self._of_snapshots: dict[int, dict[K, V]] = {}

    def look(self, key: K) -> V | None:
        """The value of a key, if it is still true."""
        return self._at(self.revision()).get(key)

    def revision(self) -> int:
        """Which state of the tables is the present one."""
        return self._revisions.of(*self._tables)

    def keep(self, key: K, value: V, revision: int) -> None:
        """Keep a value that was worked out from the tables as they were at a revision."""
        if revision != self.revision():
            return
        values = self._at(revision)
        if len(values) >= self._most:
            values.clear()
        values[key] = value

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made if need be."""
        if (value := self.look(key)) is None:
            revision = self.revision()
            value = make()
            self.keep(key, value, revision)
        return value

    def _at(self, revision: int) -> dict[K, V]:
        """The values of a state of the tables."""
        if revision != self._revision:
            self._revision = revision
            self._values = self._of_snapshot(revision) if revision < 0 else {}
        return self._values

    def _of_snapshot(self, revision: int) -> dict[K, V]:
        if revision not in self._of_snapshots and len(self._of_snapshots) >= _SNAPSHOTS:
            self._of_snapshots.clear()
        return self._of_snapshots.setdefault(revision, {})
