"""States of the server's data that it can go back to, by name."""

from collections.abc import Sequence
from datetime import datetime

from v6sim.server.control.reset import Hook
from v6sim.server.errors import Invalid, NotFound
from v6sim.server.events import WorldReset
from v6sim.server.operations.call import Core
from v6sim.server.store import Snapshot

_MOST = 50  # snapshots
_LONGEST = 100  # characters of a name


class Snapshots:
    """The snapshots of one server, kept in memory.

    Args:
        core: the server's shared parts.
        before: what to wait for before the data are put back.
    """

    def __init__(self, core: Core, before: Sequence[Hook]) -> None:
        self._core, self._before = core, before
        self._taken: dict[str, tuple[datetime, Snapshot]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._taken

    @property
    def names(self) -> dict[str, datetime]:
        """When each was taken, by its name."""
        return {name: at for name, (at, _) in self._taken.items()}

    def take(self, name: str) -> None:
        """Remember the data as they are now; one of the same name is forgotten.

        Raises:
            Invalid: the name is empty or too long, or there are too many.
        """
        if not name.strip() or len(name) > _LONGEST:
            raise Invalid(f"the name of a snapshot has 1 to {_LONGEST} characters, not {name!r}")
        if name not in self._taken and len(self._taken) >= _MOST:
            raise Invalid(f"there are {_MOST} snapshots already: take one of the same name again")
        self._taken[name] = (self._core.clock.now(), self._core.store.snapshot())

    async def restore(self, name: str) -> None:
        """Drop what runs, and put the data back as they were.

        Raises:
            NotFound: there is no snapshot of that name.
        """
        if name not in self._taken:
            raise NotFound("snapshot", name)
        for hook in self._before:
            await hook()
        self._core.store.restore(self._taken[name][1])
        self._core.events.publish(WorldReset())
