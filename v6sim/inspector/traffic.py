"""What has just flowed: tasks that were sent and runs that were reported in the last moments."""

import time
from collections import deque
from collections.abc import Callable

from v6sim.server.events import Event, Events, PresenceChanged, RunUpdated, TaskCreated, WorldReset

_LASTS = 2.5  # seconds for which something counts as flowing
_KEPT = 500


class Traffic:
    """Remembers what has just happened, for the picture.

    Args:
        events: where the server says what happens.
        now: the time in seconds.
    """

    def __init__(self, events: Events, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._sent: deque[tuple[float, int]] = deque(maxlen=_KEPT)
        self._reported: deque[tuple[float, int]] = deque(maxlen=_KEPT)
        self.changes = 0
        """Grows whenever somebody comes or goes."""
        events.subscribe(self._on_event)

    @property
    def sent(self) -> set[int]:
        """Ids of tasks that were just sent."""
        return self._of_late(self._sent)

    @property
    def reported(self) -> set[int]:
        """Ids of runs that were just reported."""
        return self._of_late(self._reported)

    def _of_late(self, happened: deque[tuple[float, int]]) -> set[int]:
        since = self._now() - _LASTS
        return {key for at, key in happened if at >= since}

    def _on_event(self, event: Event) -> None:
        match event:
            case TaskCreated(task_id=key):
                self._sent.append((self._now(), key))
            case RunUpdated(run_id=key, has_ended=True):
                self._reported.append((self._now(), key))
            case PresenceChanged():
                self.changes += 1
            case WorldReset():
                self._sent.clear()
                self._reported.clear()
                self.changes += 1
