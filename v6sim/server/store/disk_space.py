"""Room on the disk of a SQLite database: a reserve for deletions, and what is done without any.

A change takes room twice: in the write-ahead log, and in the database when the log is written back.
It is stored only if both fit, and the log is kept shorter than the reserve. So there is always a
way to write the log back, and to delete something.
"""

import logging
import os
import sqlite3
import stat
import time
from contextlib import suppress
from pathlib import Path

from v6sim.runtime.file_system import FileSystem, is_full

_PAGE = 4096  # bytes
_BLOCK = 512  # bytes of the blocks that a file's status tells of
_SMALLEST, _LARGEST = 64 * _PAGE, 1024 * _PAGE
_SHARE = 16  # the part of a small file system that is kept in reserve
_LOW = 4  # times the reserve
_SECONDS_BETWEEN_COMPLAINTS = 60

log = logging.getLogger(__name__)


class DiskSpace:
    """The room for a database, on the file system that its file is on.

    A ballast file beside the database takes up some of it. When nothing else is left, the ballast
    is given up: what is deleted then has room for its own changes, and all else is refused. It is
    made again when there is enough room.

    Args:
        database: the file of the database.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._ballast = database.with_name(f"{database.name}-ballast")
        self._log = database.with_name(f"{database.name}-wal")
        self._connection: sqlite3.Connection | None = None
        self._pages = 0  # of the database, by all that is committed
        self._reusable = 0  # bytes within a database that cannot give them back
        self._complained_at = -float(_SECONDS_BETWEEN_COMPLAINTS)
        self._is_announced = False
        self.is_short = False
        """Whether there is no room for anything but deletions."""
        self.is_low = False
        """Whether there is so little that the log is to be written back after each change."""
        total = FileSystem.of(database.parent).total
        self._reserve = min(max(total // _SHARE, _SMALLEST), _LARGEST)

    def open(self) -> None:
        """Set the reserve aside, or give it up where the database could not be opened else."""
        if self._free() < self._reserve:
            self.note_short()
            self._give_up()
        elif not self._make_ballast():
            self.note_short()

    def watch(self, connection: sqlite3.Connection) -> None:
        """Have a connection to the database take no more room than it needs."""
        self._connection = connection
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA secure_delete = FAST")  # else a page takes room to be given up
        connection.execute(f"PRAGMA wal_autocheckpoint = {self._reserve // _PAGE // 2}")
        connection.execute(f"PRAGMA journal_size_limit = {self._reserve}")
        self._pages = _run(connection, "page_count")

    def note_short(self) -> None:
        """Take down that there is no room for something."""
        if not self.is_short:
            self.is_short = True
            self._is_announced = self._complain("nothing is stored until there is; deleting works")

    def takes(self) -> bool:
        """Return whether the changes that are about to be committed fit."""
        if self._connection is None or (self.is_short and not self.has_room()):
            return False
        pages = _run(self._connection, "page_count")
        free, needed = self._free(), 2 * _PAGE * max(pages - self._pages, 0)
        self.is_low = free < _LOW * self._reserve
        if free >= needed + self._reserve:
            self._pages = pages
            return True
        if free < 2 * self._reserve:
            self.note_short()
        else:
            self._complain(f"a change that takes {needed:,} bytes is refused")
        return False

    def note_deleted(self) -> None:
        """Take down that a deletion may have changed the size of the database."""
        if self._connection is not None:
            self._pages = _run(self._connection, "page_count")

    def prepare(self) -> None:
        """Make sure that a deletion has room for its changes."""
        self.is_low = self._free() < _LOW * self._reserve
        if self._free() < self._reserve:
            self.reclaim()
            if self._free() < self._reserve:
                self.note_short()
                self._give_up()

    def reclaim(self) -> None:
        """Give back to the file system what the database does not need, as far as is quickly done.

        Pages that are free within the database are at its end only after others have been moved,
        which takes room itself: it is done in small steps.
        """
        connection = self._connection
        if connection is None or connection.in_transaction:
            return
        if self._free() < self._log_size():
            self.note_short()
            self._give_up()
        step = self._reserve // _PAGE // 8
        try:
            _run(connection, "wal_checkpoint(TRUNCATE)")
            free = _run(connection, "freelist_count")
            shrinks = _run(connection, "auto_vacuum")
            self._reusable = 0 if shrinks else free * _PAGE
            while not self.has_room() and free and shrinks:
                _run(connection, f"incremental_vacuum({step})")
                _run(connection, "wal_checkpoint(TRUNCATE)")
                before, free = free, _run(connection, "freelist_count")
                if free >= before:
                    break
            self._pages = _run(connection, "page_count")
        except sqlite3.Error as error:
            log.info("no room could be made in %s: %s", self._database, error)

    def has_room(self) -> bool:
        """Return whether there is room for more than deletions; the reserve is made again if so."""
        enough = 2 * self._reserve - min(self._reusable, self._reserve)
        if self.is_short and self._free() >= enough and self._make_ballast(beside=enough):
            self.is_short = False
            if self._is_announced:
                self._is_announced = False
                log.warning("there is room again on %s", self)
        return not self.is_short

    def _make_ballast(self, beside: int = 0) -> bool:
        """Set the reserve aside, if as many bytes as `beside` stay free; returns whether it is."""
        if self._is_set_aside():
            return True
        self._give_up()
        if self._free() < self._reserve + max(beside, self._reserve):
            return False
        try:
            with self._ballast.open("wb") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, self._reserve)
                else:  # macOS
                    file.write(bytes(self._reserve))
        except OSError as error:
            self._give_up()
            if is_full(error):
                return False
            log.info("no reserve can be set aside in %s: %s", self._ballast, error)
        return True

    def _is_set_aside(self) -> bool:
        """Return whether the ballast takes up the reserve: not if it was cut off, or is sparse."""
        try:
            status = self._ballast.lstat()
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_blocks * _BLOCK >= self._reserve

    def _give_up(self) -> None:
        with suppress(OSError):
            self._ballast.unlink()

    def _complain(self, text: str) -> bool:
        """Log how much room is left, and where, unless that was just done; returns whether so."""
        now = time.monotonic()
        if now - self._complained_at < _SECONDS_BETWEEN_COMPLAINTS:
            return False
        self._complained_at = now
        log.error("there is no room on %s: %s", self, text)
        return True

    def _free(self) -> int:
        status = os.statvfs(self._database.parent)
        return status.f_frsize * status.f_bavail

    def _log_size(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def __str__(self) -> str:
        """Where the database is, and how much room is there."""
        return f"{FileSystem.of(self._database.parent)} with the database {self._database}"


def _run(connection: sqlite3.Connection, pragma: str) -> int:
    """Carry out a pragma; returns the number that it gives first."""
    rows = connection.execute(f"PRAGMA {pragma}").fetchall()
    return int(rows[0][0]) if rows else 0
