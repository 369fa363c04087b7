"""The database: where it is, how sessions on it behave, and how it goes back to a snapshot."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, bindparam, event, insert, inspect, make_url, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.util import identity_key
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, col, create_engine, select

from v6sim.runtime.extras import POSTGRES
from v6sim.runtime.plain_file import is_special
from v6sim.server.errors import DatabaseFailed, NoRoom, ServerError, WrongDatabase
from v6sim.server.store.database_check import damage_of, lacking_columns
from v6sim.server.store.disk_space import DiskSpace
from v6sim.server.store.error_translation import ErrorTranslation
from v6sim.server.store.facts import FACTS, Facts
from v6sim.server.store.revisions import Revisions
from v6sim.server.store.tables import Identity, metadata
from v6sim.server.store.write_ahead_log import damage_of_log, lost_tail

_numbers = count(1)

log = logging.getLogger(__name__)


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
        file = file_of(url)
        self._is_new_file = file is not None and not file.exists()
        if file and is_special(file):
            raise WrongDatabase(url, "it is no plain file")
        if file and (damage := damage_of_log(file)):  # which opening it would remove
            raise WrongDatabase(url, damage)
        if file and (loss := lost_tail(file)):
            log.warning("%s", loss)
        self._space = _space_for(url)
        self.engine = _engine(url, self._space, file if self._is_new_file else None)
        self._errors = ErrorTranslation(url, self._space)
        event.listen(self.engine, "handle_error", self._errors.translate)
        self.revisions = Revisions(self.engine)
        self._facts = {FACTS: Facts(self.revisions)}
        self.seen: dict[int, datetime] = {}
        with self._starting():
            is_new = self._check()
            metadata.create_all(self.engine)
            if not is_new and (lack := lacking_columns(self.engine)):
                raise DatabaseFailed(lack)

    @contextmanager
    def session(self, *, frees_room: bool = False) -> Iterator[Session]:
        """A session; what is not committed in it is undone at its end.

        Args:
            frees_room: whether it is to delete something, which may take up the last room.

        Raises:
            NoRoom: there is no room for a change (at making it, or at its commit).
        """
        space = self._space
        if space and frees_room:
            space.prepare()
        try:
            with _Session(self.engine, expire_on_commit=False, info=self._facts) as session:
                session.before_commit = None if frees_room else self._check_room
                yield session
        finally:
            if space and frees_room:
                space.note_deleted()
            if space and (space.is_short or space.is_low):
                space.reclaim()

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """A session of which nothing lasts."""
        with _Rehearsal(self.engine, expire_on_commit=False, info=self._facts) as session:
            yield session

    def write_seen(self, session: Session) -> None:
        """Write down when users and nodes were last seen, which is kept aside between reads.

        Without room for that it goes on being kept aside.
        """
        if self.seen and not isinstance(session, _Rehearsal):
            rows = [{"id": key, "last_seen": when} for key, when in self.seen.items()]
            known = set(session.exec(select(Identity.id)))
            try:
                if rows := [row for row in rows if row["id"] in known]:
                    session.execute(update(Identity), rows)
                session.commit()
            except NoRoom:
                session.rollback()
            else:
                self.seen.clear()

    def take_up(self, start: Snapshot) -> None:
        """Go on with what the database has; an empty one is filled.

        Args:
            start: what it is filled with.

        Raises:
            WrongDatabase: it cannot be used, such as for want of room.
        """
        with self._starting():
            if self.is_filled():
                self.begin_again()
            else:
                self.restore(start)

    def begin_again(self) -> None:
        """Take up a database that is filled already: nobody is connected yet."""
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    update(Identity)
                    .where(col(Identity.status) == "online")
                    .values(status="offline")
                )
        except NoRoom:
            log.info("who was online at the last end is still shown so")

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
        if self._space:
            self._space.prepare()
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
        if self._space and self._space.is_short:
            self._space.reclaim()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Have a failure say why the server cannot start, rather than log it."""
        self._errors.is_logging = False
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, DatabaseFailed, NoRoom) as error:
            self.engine.dispose()
            wrong = self._errors.at_start(error)
            self._remove_if_new()
            raise wrong from error
        finally:
            self._errors.is_logging = True

    def _remove_if_new(self) -> None:
        """Leave no half-made file behind."""
        file = file_of(self.url)
        if file and self._is_new_file:
            for suffix in ("", "-wal", "-shm", "-ballast"):
                with suppress(OSError):
                    file.with_name(f"{file.name}{suffix}").unlink()

    def _check(self) -> bool:
        """Make sure that what is there already is whole; returns whether nothing is.

        Raises:
            DatabaseFailed: it is not.
            sqlite3.Error: it cannot even be looked at.
        """
        file = file_of(self.url)
        if file is None and self.engine.dialect.name == "sqlite":
            return True
        with self.engine.connect() as connection:
            if not inspect(connection).has_table(str(Identity.__tablename__)):
                return True
            driver: Any = connection.connection.driver_connection
            if file and (damage := damage_of(driver, file)):
                raise DatabaseFailed(damage)
        return False

    def _check_room(self, session: "_Session") -> None:
        """Refuse a change for which there is no room.

        Raises:
            NoRoom: there is none.
        """
        if self._space:
            session.flush()
            if self.revisions.has_open(session.connection()) and not self._space.takes():
                raise NoRoom("what is left is for deletions")

    def close(self) -> None:
        """Write what is outstanding and let go of the database."""
        with suppress(ServerError), self.session() as session:  # the log has said what is wrong
            self.write_seen(session)
        self.engine.dispose()


class _Session(Session):
    """A session that knows what it has looked up until its end, even if nobody else does."""

    def __init__(self, engine: Engine, **options: Any) -> None:
        super().__init__(engine, **options)
        self._held: list[Any] = []
        self.before_commit: Callable[[_Session], None] | None = None
        """Raises an error if the changes cannot be stored."""

    def commit(self) -> None:
        """Store the changes.

        Raises:
            NoRoom: there is no room for them.
        """
        if self.before_commit:
            self.before_commit(self)
        super().commit()

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


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite database; None for one in memory, and for another database."""
    known = make_url(url)
    name = known.database
    if known.get_backend_name() != "sqlite" or not name or name == ":memory:" or known.query:
        return None
    return Path(name).absolute()


def _space_for(url: str) -> DiskSpace | None:
    """The room for a database that is a file, from now on."""
    file = file_of(url)
    if file is None or not file.parent.is_dir():  # which is said when it is opened
        return None
    space = DiskSpace(file)
    space.open()
    return space


def _engine(url: str, space: DiskSpace | None, new_file: Path | None) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return _engine_of_server(url)

    def tune(connection: sqlite3.Connection, _record: object) -> None:
        """A simulator need not survive the power going, but may be killed at any moment."""
        if new_file:
            new_file.chmod(0o600)  # while it is empty; what SQLite puts beside it gets the same
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")
        if space:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        if space:
            space.watch(connection)

    engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", tune)
    return engine


def _engine_of_server(url: str) -> Engine:
    """A database that has a server of its own: PostgreSQL by psycopg, unless the URL differs."""
    known = make_url(url)
    if known.drivername == "postgresql":  # which means psycopg2 to SQLAlchemy 2.0
        known = known.set(drivername="postgresql+psycopg")
    if known.drivername == "postgresql+psycopg":
        POSTGRES.check()
    try:
        return create_engine(known)
    except ModuleNotFoundError as error:
        raise WrongDatabase(url, f"its driver is not installed: {error}") from None


def _continue_ids(table: str) -> Any:
    """PostgreSQL: let a table's ids go on after the highest one."""
    return text(
        f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), "  # noqa: S608
        f'COALESCE((SELECT MAX(id) FROM "{table}"), 0) + 1, false)'
    )
