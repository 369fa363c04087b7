"""What running algorithms have printed so far; a run's report has all of it."""

from dataclasses import dataclass, field

from v6sim.server.events import Event, Events, RunLogged, RunUpdated, WorldReset

_MOST = 10_000_000  # characters of one run


@dataclass
class _Log:
    pieces: list[str] = field(default_factory=list)
    size: int = 0
    is_full: bool = False


class Logs:
    """Keeps the logs of runs that have not ended.

    Args:
        events: where it is told what happens, and tells what was printed.
        most: how many characters of one run are kept.
    """

    def __init__(self, events: Events, most: int = _MOST) -> None:
        self._events, self._most = events, most
        self._logs: dict[int, _Log] = {}
        events.subscribe(self._on_event)

    def of(self, run_id: int) -> str:
        """What a run has printed so far."""
        return "".join(self._logs[run_id].pieces) if run_id in self._logs else ""

    def append(self, run_id: int, task_id: int, text: str) -> None:
        """Take up what a run has printed; beyond what is kept only its report has it."""
        log = self._logs.setdefault(run_id, _Log())
        if log.is_full or log.size + len(text) > self._most:
            log.is_full = True  # what comes after a gap has no place
            return
        offset, log.size = log.size, log.size + len(text)
        log.pieces.append(text)
        self._events.publish(RunLogged(run_id, task_id, offset, text))

    def _on_event(self, event: Event) -> None:
        match event:
            case RunUpdated(run_id=run_id, has_ended=True):
                self._logs.pop(run_id, None)
            case WorldReset():
                self._logs.clear()
