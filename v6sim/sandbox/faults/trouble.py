"""What all that can go wrong at a node has in common."""

import asyncio
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Protocol

from pydantic import Field

from v6sim.chance import Chance
from v6sim.node.habits import Habits

Seconds = Annotated[float, Field(ge=0)] | None
"""How long something lasts; None is as long as the trouble is there."""


class Ground(Protocol):
    """What a trouble may do to the nodes that it is for."""

    def random(self, *occasion: object) -> Random:
        """Chance, the same each time for the same occasion."""
        ...

    def wake(self) -> None:
        """Have the nodes look for work."""
        ...

    def bring_down(self, run_id: int, trouble: "Trouble", seconds: Seconds) -> None:
        """End the node of a run in its tracks.

        Args:
            run_id: the run.
            trouble: is told when the server has noticed.
            seconds: after which the node comes back; None: not by itself.
        """
        ...

    def files(self, label: str) -> Collection[Path]:
        """The files of the nodes' databases of that label."""
        ...

    def folder(self) -> Path:
        """A new folder, which is there until the sandbox is reset or ends."""
        ...


@dataclass(kw_only=True, eq=False)
class Trouble(Chance, Habits):
    """Habits that some runs meet; in the event loop of the nodes.

    Its fields are what one can ask for, by these names.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._over = asyncio.Event()
        self._met = Counter[int]()
        self.held = set[int]()
        """The runs that it keeps from getting on just now."""

    def begin(self, ground: Ground) -> None:
        """Be there from now on.

        Raises:
            ValueError: it makes no sense with these nodes.
        """
        self._ground = ground

    def end(self) -> None:
        """Be over: let go what is held up."""
        self._over.set()

    def meets(self, run_id: int) -> bool:
        """Whether a run meets it this time; asked once each time that a run is carried out."""
        self._met[run_id] += 1
        return self.strikes(self._ground.random(run_id, self._met[run_id]).random)

    async def hold(self, run_id: int, seconds: Seconds) -> None:
        """Hold a run back that long, or until it is over."""
        self.tell()
        self.held.add(run_id)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._over.wait()
        finally:
            self.held.discard(run_id)
