"""What running algorithms have printed so far; a run's report has all of it."""

from v6sim.server.events import Event, Events, RunLogged, RunUpdated, WorldReset

_MOST = 1_000_000  # characters of one run


class Logs:
    """Keeps the logs of runs that have not ended.

    Args:
        events: where it is told what happens, and tells what was printed.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._texts: dict[int, str] = {}
        self._full: set[int] = set()
        events.subscribe(self._on_event)

    def of(self, run_id: int) -> str:
        """What a run has printed so far."""
        return self._texts.get(run_id, "")

    def append(self, run_id: int, task_id: int, text: str) -> None:
        """Take up what a run has printed; beyond a million characters only its report has it."""
        before = self.of(run_id)
        if run_id in self._full or len(before) + len(text) > _MOST:
            self._full.add(run_id)  # what comes after a gap has no place
            return
        self._texts[run_id] = before + text
        self._events.publish(RunLogged(run_id, task_id, len(before), text))

    def _on_event(self, event: Event) -> None:
        match event:
            case RunUpdated(run_id=run_id, has_ended=True):
                self._texts.pop(run_id, None)
                self._full.discard(run_id)
            case WorldReset():
                self._texts.clear()
                self._full.clear()
