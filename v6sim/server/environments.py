"""What runs found in their environment, as their nodes tell it."""

from collections import OrderedDict
from collections.abc import Mapping

from v6sim.server.events import Event, Events, WorldReset

_MOST = 1000  # runs


class Environments:
    """The variables of the last thousand runs.

    Args:
        events: where it is told what happens.
    """

    def __init__(self, events: Events) -> None:
        self._kept: OrderedDict[int, Mapping[str, str]] = OrderedDict()
        events.subscribe(self._on_event)

    def note(self, run_id: int, environment: Mapping[str, str]) -> None:
        """Keep the variables of a run; whoever tells them has left out what is secret."""
        self._kept[run_id] = environment
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def of(self, run_id: int) -> Mapping[str, str] | None:
        """The variables of a run; None if they are not known."""
        return self._kept.get(run_id)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, WorldReset):
            self._kept.clear()
