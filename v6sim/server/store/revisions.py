"""Knowing which tables have changed: what was worked out from the others is still true."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.sql import visitors

from v6sim.server.store.tables import metadata

_ALL = frozenset(table.name for table in metadata.sorted_tables)
_OPEN = "v6sim: changed tables"  # of a connection: what it has changed and not committed yet


class Revisions:
    """Counts the changes of each table, whichever way they are made.

    Args:
        engine: the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._counts = dict.fromkeys(_ALL, 0)
        self._snapshot = 0
        self._changed = set(_ALL)
        self._reading: ContextVar[set[str] | None] = ContextVar("tables read", default=None)
        self._tables: WeakKeyDictionary[Any, frozenset[str]] = WeakKeyDictionary()
        event.listen(engine, "after_cursor_execute", self._executed)
        event.listen(engine, "commit", self._committed)
        event.listen(engine, "rollback", self._undone)

    def of(self, *tables: str) -> int:
        """Which state some tables are in; all of them, if none is named.

        It grows with each change of theirs; a negative number says that they are as in a snapshot,
        which they may be again after other changes.
        """
        changed = self._changed.intersection(tables) if tables else self._changed
        if not changed:
            return -self._snapshot
        counts = self._counts
        return sum(map(counts.__getitem__, tables) if tables else counts.values())

    @contextmanager
    def reading(self) -> Iterator[set[str]]:
        """Collect the names of the tables that are read within this context."""
        tables = set[str]()
        token = self._reading.set(tables)
        try:
            yield tables
        finally:
            self._reading.reset(token)

    def note_read(self, tables: Iterable[str]) -> None:
        """Take down that something is used that was read from these tables earlier."""
        if (reading := self._reading.get()) is not None:
            reading.update(tables)

    def mark(self) -> Mapping[str, int]:
        """How often each table has changed until now."""
        return dict(self._counts)

    def are_as_at(self, mark: Mapping[str, int], tables: Iterable[str]) -> bool:
        """Whether some tables have not changed since that mark."""
        return all(self._counts[table] == mark.get(table, 0) for table in tables)

    def changed_since(self, snapshot: int) -> frozenset[str]:
        """The tables that are not as in the snapshot of that number."""
        return frozenset(self._changed) if snapshot == self._snapshot else _ALL

    def restored(self, snapshot: int) -> None:
        """Take down that all tables are now as in the snapshot of that number."""
        self._snapshot = snapshot
        self._changed.clear()

    def has_open(self, connection: Connection) -> bool:
        """Return whether a connection has changes that are not committed yet."""
        return bool(connection.info.get(_OPEN))

    def _executed(self, *execution: Any) -> None:
        context = execution[4]
        if context.isinsert or context.isupdate or context.isdelete:
            table = context.compiled.statement.table.name
            self._note(table)
            context.root_connection.info.setdefault(_OPEN, set()).add(table)
        elif self._reading.get() is not None and context.compiled is not None:
            self.note_read(self._tables_in(context.compiled))

    def _tables_in(self, compiled: Any) -> frozenset[str]:
        """The tables that a statement reads, those of its subqueries among them."""
        if compiled not in self._tables:
            parts = visitors.iterate(compiled.statement)
            self._tables[compiled] = frozenset(
                part.name for part in parts if isinstance(part, Table)
            )
        return self._tables[compiled]

    def _committed(self, connection: Connection) -> None:
        connection.info.pop(_OPEN, None)

    def _undone(self, connection: Connection) -> None:
        """What was read between a change and its undoing is no longer true."""
        for table in connection.info.pop(_OPEN, ()):
            self._note(table)

    def _note(self, table: str) -> None:
        self._counts[table] += 1
        self._changed.add(table)
