"""Errors of databases, told apart by what they mean for the server."""

import sqlite3
from enum import StrEnum

_NO_ROOM = "53100"  # of PostgreSQL: disk_full
_WRITING = {  # of SQLite: an input or output error that writing brings about, such as a full quota
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMMAP,
}


class Meaning(StrEnum):
    """What an error of a database means."""

    NO_ROOM = "no room"
    OTHER = "other"


def meaning_of(error: BaseException) -> Meaning:
    """Return what an error of a database driver means."""
    if getattr(error, "sqlstate", None) == _NO_ROOM:
        return Meaning.NO_ROOM
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and (code == sqlite3.SQLITE_FULL or code in _WRITING):
        return Meaning.NO_ROOM
    return Meaning.OTHER
