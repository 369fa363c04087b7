"""Errors of databases, told apart by what they mean for the server."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What an error of a database means."""

    NO_ROOM = "there is no room"
    DAMAGED = "its content is damaged"
    UNUSABLE = "it cannot be reached, read, or written"
    OTHER = "a statement is wrong, or its values"


_IO = {  # input or output that fails in writing, such as for a full quota
    sqlite3.SQLITE_IOERR_WRITE: Meaning.NO_ROOM,
    sqlite3.SQLITE_IOERR_TRUNCATE: Meaning.NO_ROOM,
    sqlite3.SQLITE_IOERR_SHMSIZE: Meaning.NO_ROOM,
    sqlite3.SQLITE_IOERR_SHMOPEN: Meaning.NO_ROOM,
    sqlite3.SQLITE_IOERR_SHMMAP: Meaning.NO_ROOM,
}
_CODES = {
    sqlite3.SQLITE_FULL: Meaning.NO_ROOM,
    sqlite3.SQLITE_CORRUPT: Meaning.DAMAGED,
    sqlite3.SQLITE_NOTADB: Meaning.DAMAGED,
    sqlite3.SQLITE_IOERR: Meaning.UNUSABLE,
    sqlite3.SQLITE_CANTOPEN: Meaning.UNUSABLE,
    sqlite3.SQLITE_READONLY: Meaning.UNUSABLE,
    sqlite3.SQLITE_PERM: Meaning.UNUSABLE,
    sqlite3.SQLITE_BUSY: Meaning.UNUSABLE,
    sqlite3.SQLITE_LOCKED: Meaning.UNUSABLE,
    sqlite3.SQLITE_PROTOCOL: Meaning.UNUSABLE,
    sqlite3.SQLITE_NOMEM: Meaning.UNUSABLE,
}
"""Of SQLite, by the lower byte of its codes."""

_STATES = {
    "53100": Meaning.NO_ROOM,  # disk_full
    "XX001": Meaning.DAMAGED,  # data_corrupted
    "XX002": Meaning.DAMAGED,  # index_corrupted
}
_CLASSES = {"08", "53", "57", "58", "F0", "28", "3D"}  # connections, resources, operators, logins
"""Of PostgreSQL: states, and classes of others with which it cannot be used."""

REPLACE = "Put a copy of it in its place, or remove it to start anew"
"""What to do about a database that is damaged."""

_ADVICE = {
    sqlite3.SQLITE_CORRUPT: REPLACE,
    sqlite3.SQLITE_NOTADB: REPLACE,
    sqlite3.SQLITE_BUSY: "Another program uses it: stop that one",
    sqlite3.SQLITE_LOCKED: "Another program uses it: stop that one",
    sqlite3.SQLITE_READONLY: "See that you may write it, and its folder",
    sqlite3.SQLITE_PERM: "See that you may write it, and its folder",
    sqlite3.SQLITE_CANTOPEN: "See that its folder is there, and that you may write it",
}


@dataclass(frozen=True)
class Failure:
    """An error of a database.

    Args:
        meaning: what it means.
        text: what the database, or its driver, says, and what to do.
    """

    meaning: Meaning
    text: str


def failure_of(error: BaseException) -> Failure:
    """Return what an error of a database driver means."""
    text = " ".join(str(error).split())
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        advice = _ADVICE.get(code & 0xFF)
        meaning = _IO.get(code) or _CODES.get(code & 0xFF, Meaning.OTHER)
        return Failure(meaning, f"{text}. {advice}" if advice else text)
    if isinstance(error, sqlite3.OperationalError) and text.startswith("Could not decode"):
        return Failure(Meaning.DAMAGED, f"{text}. {REPLACE}")
    return Failure(_meaning_elsewhere(error), text)


def _meaning_elsewhere(error: BaseException) -> Meaning:
    """Return what an error of PostgreSQL means."""
    state = getattr(error, "sqlstate", None)
    if state is not None:
        known = Meaning.UNUSABLE if state[:2] in _CLASSES else Meaning.OTHER
        return _STATES.get(state, known)
    is_from_there = type(error).__module__.startswith("psycopg")
    lost = is_from_there and type(error).__name__ in ("OperationalError", "InterfaceError")
    return Meaning.UNUSABLE if lost else Meaning.OTHER
