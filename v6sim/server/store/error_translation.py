"""Translation of a database driver's errors into those of the server; each is logged once."""

import logging
import time

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from v6sim.server.errors import DatabaseFailed, NoRoom, WrongDatabase
from v6sim.server.store.database_errors import Meaning, failure_of
from v6sim.server.store.disk_space import DiskSpace
from v6sim.world.secrets import without_passwords

_SECONDS_BETWEEN_COMPLAINTS = 60.0

_FOREIGN = ". Another program, or another version of v6sim, has made it: use another database"

log = logging.getLogger(__name__)


class ErrorTranslation:
    """Says what is wrong with a database, to the log and to those who ask for something.

    Args:
        url: where the database is.
        space: the room on its disk, if that is known.
    """

    def __init__(self, url: str, space: DiskSpace | None) -> None:
        self._url, self._space = url, space
        self._complaint, self._complained_at = "", 0.0
        self.is_logging = True
        """Whether what is wrong is logged; else the one who gets the error says it."""

    def translate(self, context: ExceptionContext) -> Exception | None:
        """Return what is raised instead of an error of the driver; None if that says it best."""
        failure = failure_of(context.original_exception)
        match failure.meaning:
            case Meaning.OTHER:
                return None
            case Meaning.NO_ROOM:
                if self._space:
                    self._space.note_short()
                else:
                    self._complain(f"the database has no room left: {failure.text}")
                return NoRoom(failure.text)
            case _:
                place = without_passwords(self._url)
                self._complain(f"the database {place} cannot be used: {failure.text}")
                return DatabaseFailed(failure.text)

    def at_start(self, error: Exception) -> WrongDatabase:
        """Return the error that says why the server cannot start with this database."""
        if isinstance(error, NoRoom) and self._space:
            return WrongDatabase(self._url, f"there is no room on {self._space}")
        if isinstance(error, NoRoom | DatabaseFailed):
            return WrongDatabase(self._url, error.why)
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        failure = failure_of(cause)
        is_foreign = failure.meaning is Meaning.OTHER
        return WrongDatabase(self._url, f"{failure.text}{_FOREIGN if is_foreign else ''}")

    def _complain(self, text: str) -> None:
        """Log something, unless it was the last that was logged, just now."""
        now = time.monotonic()
        is_old = now - self._complained_at >= _SECONDS_BETWEEN_COMPLAINTS
        if self.is_logging and (text != self._complaint or is_old):
            self._complaint, self._complained_at = text, now
            log.error(text)
