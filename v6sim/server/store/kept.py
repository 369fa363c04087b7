"""Values worked out from the database, kept for as long as they are true."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
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
        tables: names of those tables.
        most: how many values to keep.
    """

    def __init__(self, revisions: Revisions, tables: Iterable[str], most: int = 1000) -> None:
        self._revisions = revisions
        self._tables = tuple(tables)
        self._most = most
        self._revision = 0
        self._values: dict[K, V] = {}
        self._of_snapshots: dict[int, dict[K, V]] = {}

    def look(self, key: K) -> V | None:
        """The value of a key, if it is still true."""
        self._revisions.note_read(self._tables)
        return self._at(self._revision_now()).get(key)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made if need be."""
        value = self.look(key)
        return self.get_all([key], lambda _: {key: make()})[key] if value is None else value

    def get_all(self, keys: Iterable[K], make: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of some keys, those that are not known yet made together."""
        looked = {key: self.look(key) for key in keys}
        found = {key: value for key, value in looked.items() if value is not None}
        if lacking := [key for key in looked if key not in found]:
            revision = self._revision_now()
            made = make(lacking)
            found.update(made)
            if revision == self._revision_now():
                values = self._at(revision)
                if len(values) + len(made) > self._most:
                    values.clear()
                values.update(made)
        return found

    def _revision_now(self) -> int:
        return self._revisions.of(*self._tables)

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


class KeptReadings(Generic[K, V]):
    """Values by key, each kept for as long as the tables stay the same that it was read from.

    Args:
        revisions: of the database.
        most: for how many keys.
    """

    def __init__(self, revisions: Revisions, most: int) -> None:
        self._revisions = revisions
        self._most = most
        self._values: dict[K, tuple[tuple[frozenset[str], int, V], ...]] = {}

    def look(self, key: K) -> V | None:
        """The value of a key, if it is still true."""
        for tables, revision, value in self._values.get(key, ()):
            if self._revisions.of(*tables) == revision:
                return value
        return None

    @contextmanager
    def keeping(self, key: K) -> Iterator[list[V]]:
        """Keep the value that is put into this list, read from the database within this context."""
        values: list[V] = []
        mark = self._revisions.mark()
        with self._revisions.reading() as tables:
            yield values
        if values and tables and self._revisions.are_as_at(mark, tables):
            if len(self._values) >= self._most:
                self._values.clear()
            newest = (frozenset(tables), self._revisions.of(*tables), values[0])
            of_snapshots = [old for old in self._values.get(key, ()) if old[1] < 0]
            self._values[key] = (newest, *of_snapshots[:_SNAPSHOTS])
