"""The database: where it is, how sessions on it behave, and how it goes back to a snapshot."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Engine, bindparam, event, insert, inspect, make_url, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.util import identity_key
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, col, create_engine, select

from v6sim.server.errors import WrongDatabase
from v6sim.server.store.facts import FACTS, Facts
from v6sim.server.store.revisions import Revisions
from v6sim.server.store.tables import Identity, metadata

_numbers = count(1)


class Snapshot(dict[str, list[dict[str, Any]]]):
    """The rows of each table, by its name."""

    def __init__(self, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        super().__init__(rows)
        self.number = next(_numbers)


class Store:
    """A database with the server's tables.

    All work on it happens in one thread, and a session does not wait between its first change and
    its commit, so a SQLite database is served by a single connection.

    Args:
        url: an SQLAlchemy URL; `sqlite://` is a database in memory.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.revisions = Revisions(self.engine)
        self._facts = {FACTS: Facts(self.revisions)}
        self.seen: dict[int, datetime] = {}
        try:
            metadata.create_all(self.engine)
        except SQLAlchemyError as error:
            self.engine.dispose()
            raise WrongDatabase(url, str(getattr(error, "orig", error))) from error

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session; what is not committed in it is undone at its end."""
        with _Session(self.engine, expire_on_commit=False, info=self._facts) as session:
            yield session

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """A session of which nothing lasts."""
        with _Rehearsal(self.engine, expire_on_commit=False, info=self._facts) as session:
            yield session

    def write_seen(self, session: Session) -> None:
        """Write down when users and nodes were last seen, which is kept aside between reads."""
        if self.seen and not isinstance(session, _Rehearsal):
            rows = [{"id": key, "last_seen": when} for key, when in self.seen.items()]
            known = set(session.exec(select(Identity.id)))
            if rows := [row for row in rows if row["id"] in known]:
                session.execute(update(Identity), rows)
            self.seen.clear()
            session.commit()

    def begin_again(self) -> None:
        """Take up a database that is filled already: nobody is connected yet."""
        with self.engine.begin() as connection:
            connection.execute(
                update(Identity).where(col(Identity.status) == "online").values(status="offline")
            )

    def is_filled(self) -> bool:
        """Whether the database holds anything yet."""
        with self.session() as session:
            return session.exec(select(Identity.id).limit(1)).first() is not None

    def snapshot(self) -> Snapshot:
        """All rows of all tables."""
        with self.engine.connect() as connection:
            return Snapshot(
                {
                    table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
                    for table in metadata.sorted_tables
                }
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Put all tables back as they were."""
        self.seen.clear()
        with self.engine.begin() as connection:
            tables = metadata.sorted_tables
            if self.engine.dialect.name == "sqlite":
                connection.execute(text("DELETE FROM sqlite_sequence"))  # which begins, and then:
                connection.execute(text("PRAGMA defer_foreign_keys = ON"))
                changed = self.revisions.changed_since(snapshot.number)
                tables = [table for table in tables if table.name in changed]
            for table in reversed(tables):
                connection.execute(table.delete())
            for table in tables:
                if rows := snapshot[table.name]:
                    connection.execute(insert(table), rows)
            if self.engine.dialect.name == "postgresql":
                for table in tables:
                    column = table.autoincrement_column
                    if column is not None and not column.foreign_keys:
                        connection.execute(_continue_ids(table.name))
        self.revisions.restored(snapshot.number)

    def close(self) -> None:
        """Write what is outstanding and let go of the database."""
        with self.session() as session:
            self.write_seen(session)
        self.engine.dispose()


class _Session(Session):
    """A session that knows what it has looked up until its end, even if nobody else does."""

    def __init__(self, engine: Engine, **options: Any) -> None:
        super().__init__(engine, **options)
        self._held: list[Any] = []

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """The row of a key, or None."""
        if options:
            row = super().get(entity, ident, **options)
        else:
            row = self.identity_map.get(identity_key(entity, ident))
            if row is None or inspect(row).expired:
                row = self.execute(_with_id(entity), {"id": ident}).scalar_one_or_none()
        self._held.append(row)
        return row


@cache
def _with_id(table: Any) -> Any:
    """The statement for that, made once: making it takes half as long as carrying it out."""
    return select(table).where(table.id == bindparam("id"))


class _Rehearsal(_Session):
    """A session that undoes at its end what was committed in it."""

    def commit(self) -> None:
        """Send the changes to the database, where nobody else sees them."""
        self.flush()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url)
    engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: Any, _record: object) -> None:
    """A simulator need not survive the power going, but may be killed at any moment."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = WAL")


def _continue_ids(table: str) -> Any:
    """PostgreSQL: let a table's ids go on after the highest one."""
    return text(
        f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), "  # noqa: S608
        f'COALESCE((SELECT MAX(id) FROM "{table}"), 0) + 1, false)'
    )
