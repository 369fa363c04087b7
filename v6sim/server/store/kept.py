"""Values worked out from the database, kept for as long as they are true."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from v6sim.server.store.engine import Store

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, all forgotten when one of the tables changes that they come from.

    Args:
        store: the database.
        tables: names of those tables; all, if none is named.
        most: how many values to keep.
    """

    def __init__(self, store: Store, tables: Iterable[str] = (), most: int = 1000) -> None:
        self._store = store
        self._tables = tuple(tables)
        self._most = most
        self._revision = -1
        self._values: dict[K, V] = {}

    def look(self, key: K) -> V | None:
        """The value of a key, if it is still true."""
        return self._values.get(key) if self._revision == self.revision() else None

    def revision(self) -> int:
        """Which state of the tables is the present one."""
        return self._store.revision(*self._tables)

    def keep(self, key: K, value: V, revision: int) -> None:
        """Keep a value that was worked out from the tables as they were at a revision."""
        if revision != self.revision():
            return
        if revision != self._revision or len(self._values) >= self._most:
            self._values.clear()
            self._revision = revision
        self._values[key] = value

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made if need be."""
        if (value := self.look(key)) is None:
            revision = self.revision()
            value = make()
            self.keep(key, value, revision)
        return value
