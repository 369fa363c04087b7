"""The only place that asks for the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """What time it is on this server; tests and faults may shift it.

    Args:
        source: gives the present moment, with a zone.
    """

    def __init__(self, source: Callable[[], datetime] = _now) -> None:
        self._source = source
        self._shift = timedelta()

    def now(self) -> datetime:
        """The present moment, with zone UTC."""
        return self._source().astimezone(UTC) + self._shift

    @property
    def shifted(self) -> timedelta:
        """How far it has been moved on."""
        return self._shift

    def utc(self) -> datetime:
        """The present moment as the tables keep it: UTC, without a zone."""
        return self.now().replace(tzinfo=None)

    def shift(self, by: timedelta) -> None:
        """Move the clock on from now on."""
        self._shift += by

    def reset(self) -> None:
        """Show the source's own time again."""
        self._shift = timedelta()
