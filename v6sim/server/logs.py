"""What running algorithms have printed so far; a run's report has all of it."""

from dataclasses import dataclass, field

from v6sim.server.events import Event, Events, RunLogged, RunUpdated, WorldReset
from v6sim.wire.sizes import MAX_LOG


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

    def __init__(self, events: Events, most: int = MAX_LOG) -> None:
        self._events, self._most = events, most
        self._logs: dict[int, _Log] = {}
        events.subscribe(self._on_event)

    def of(self, run_id: int) -> str:
        """What a run has printed so far."""
        return "".join(self._logs[run_id].pieces) if run_id in self._logs else ""

    def append(self, run_id: int, task_id: int, text: str, offset: int) -> bool:
        """Take up what a run has printed; beyond what is kept only its report has it.

        Args:
            run_id: the run.
            task_id: its task.
            text: a piece of its log.
            offset: how many characters come before; what of the piece is known is left out.

        Returns whether it was of use; else what comes before is missing.
        """
        log = self._logs.setdefault(run_id, _Log())
        new = text[max(log.size - offset, 0) :]
        log.is_full = log.is_full or log.size + len(new) > self._most
        if log.is_full or not new:
            return True
        if offset > log.size:
            return False
        self._events.publish(RunLogged(run_id, task_id, log.size, new))
        log.pieces.append(new)
        log.size += len(new)
        return True

    def _on_event(self, event: Event) -> None:
        match event:
            case RunUpdated(run_id=run_id, has_ended=True):
                self._logs.pop(run_id, None)
            case WorldReset():
                self._logs.clear()
