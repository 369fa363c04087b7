"""Nodes that cannot work, as those say who run them."""

from v6sim.server.events import Event, Events, PresenceChanged


class Hindrances:
    """Keeps why nodes cannot work: nobody can finish what they are sent, until they come online.

    Args:
        events: where it is told who comes online.
    """

    def __init__(self, events: Events) -> None:
        self._reasons: dict[int, str] = {}
        events.subscribe(self._on_event)

    def __bool__(self) -> bool:
        """Whether any node cannot work."""
        return bool(self._reasons)

    def note(self, node_id: int, reason: str) -> None:
        """Take down why a node cannot work."""
        self._reasons[node_id] = reason

    def of(self, node_id: int) -> str:
        """Return why a node cannot work; empty if nothing is known to be in its way."""
        return self._reasons.get(node_id, "")

    def _on_event(self, event: Event) -> None:
        match event:
            case PresenceChanged(identity_id=node_id, is_online=True):
                self._reasons.pop(node_id, None)
