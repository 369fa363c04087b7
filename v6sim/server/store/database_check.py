"""Checks of a database that is taken up again: what is damaged is found before it is served."""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from v6sim.server.store.database_errors import REPLACE
from v6sim.server.store.tables import metadata

_MOST_BYTES = 64 * 2**20  # of a file that is checked as a whole, which takes a quarter of a second
_LARGE = ("run",)  # tables that are checked in small files only


def damage_of(connection: sqlite3.Connection, file: Path) -> str:
    """Return what is wrong with a database, and what to do; empty if nothing is.

    Args:
        connection: to it.
        file: where it is.

    Raises:
        sqlite3.Error: it cannot even be looked at.
    """
    if file.stat().st_size <= _MOST_BYTES:
        checks = ["integrity_check(1)"]
    else:
        tables = [table.name for table in metadata.sorted_tables if table.name not in _LARGE]
        checks = [f'quick_check("{name}")' for name in tables]
    for check in checks:
        text = str(connection.execute(f"PRAGMA {check}").fetchone()[0])
        if text != "ok" and "no such table" not in text:
            return f"it is damaged: {text.splitlines()[-1]}. {REPLACE}"
    return ""


def lacking_columns(engine: Engine) -> str:
    """Return what the tables of a database lack, and what to do; empty if nothing."""
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            try:
                connection.execute(select(table).limit(0))
            except DBAPIError as error:
                why = " ".join(str(getattr(error, "orig", error)).split())
                return (
                    f"its table {table.name!r} is not as expected: {why}. Another version of v6sim "
                    "has made it: use that version, or another database"
                )
    return ""
