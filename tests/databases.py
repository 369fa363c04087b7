"""Where servers of the tests keep their data: in memory, or in a PostgreSQL.

Which one V6SIM_DATABASE_URL says; there each server has a database of its own, which goes when the
tests end.
"""

import os
import uuid
from typing import Any

from sqlalchemy import URL, create_engine, make_url, text

_GIVEN = os.environ.get("V6SIM_DATABASE_URL")
_made: list[str] = []


def new_database() -> str:
    """The URL of a new and empty database."""
    if not _GIVEN:
        return "sqlite://"
    name = f"v6sim_test_{uuid.uuid4().hex}"
    _execute(f"CREATE DATABASE {name}")
    _made.append(name)
    return make_url(_GIVEN).set(database=name).render_as_string(hide_password=False)


def drop_all() -> None:
    """Drop what was made."""
    while _made:
        _execute(f"DROP DATABASE {_made.pop()} WITH (FORCE)")


def _execute(statement: str) -> Any:
    assert _GIVEN is not None
    url: URL = make_url(_GIVEN)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
