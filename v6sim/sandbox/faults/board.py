"""What goes wrong at the nodes of one federation."""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from v6sim.node.data import Databases
from v6sim.node.errors import NodeError
from v6sim.node.folders import new_folder
from v6sim.sandbox.arguments import UnknownName
from v6sim.sandbox.faults.trouble import Seconds, Trouble
from v6sim.world.nearest import choices

if TYPE_CHECKING:
    from v6sim.node.node import Node
    from v6sim.sandbox.faults.mixed import Mixed

logger = logging.getLogger(__name__)

_PATIENCE = 30  # seconds for a node to come back


def _none() -> "Mixed":
    from v6sim.sandbox.faults.mixed import Mixed  # with all that nodes need

    return Mixed()


@dataclass(eq=False)
class Seat:
    """A node of the federation.

    Args:
        organization: name of its organization.
        collaboration: name of its collaboration.
        databases: its data, path or address by label.
        habits: what troubles it has.
        node: itself; None as long as it is being made.
    """

    organization: str
    collaboration: str
    databases: Mapping[str, str]
    habits: "Mixed" = field(default_factory=_none)
    node: "Node | None" = None


class TroubleBoard:
    """Keeps the troubles of nodes, and ends nodes and starts them again; in their event loop.

    Args:
        is_missed: waits until the server knows that a node is not there any more.
    """

    def __init__(self, is_missed: "Callable[[Node], Awaitable[None]]") -> None:
        self._is_missed = is_missed
        self._seats: list[Seat] = []
        self._there: dict[Trouble, Sequence[Seat]] = {}
        self._down: dict[Seat, Trouble | None] = {}
        self._falls: set[asyncio.Task[None]] = set()
        self._returns: dict[Seat, asyncio.Task[None]] = {}
        self._moving = asyncio.Lock()
        self._folders: list[Path] = []
        self._seed = self._number = 0

    def sit(self, seat: Seat) -> None:
        """Have one more node here."""
        self._seats.append(seat)

    def seats(self, organization: str, collaboration: str | None = None) -> list[Seat]:
        """The nodes of an organization, in one collaboration or in all.

        Raises:
            UnknownName: it has none here.
        """
        own = [each for each in self._seats if each.organization == organization]
        if not own:
            known = dict.fromkeys(each.organization for each in self._seats)
            raise UnknownName(
                f"no node of {organization!r} runs here; {choices(organization, known)}"
            )
        found = [each for each in own if collaboration in (None, each.collaboration)]
        if not found:
            known = dict.fromkeys(each.collaboration for each in own)
            raise UnknownName(
                f"{organization!r} has no node in {collaboration!r}; "
                f"{choices(str(collaboration), known)}"
            )
        return found

    def columns(self) -> dict[str, list[str]]:
        """The columns of each organization's default data; none where they cannot be spoilt."""
        from v6sim.sandbox.faults.data import columns_in

        found: dict[str, list[str]] = {}
        for seat in self._seats:
            found.setdefault(seat.organization, columns_in(seat.databases))
        return found

    def obstacle_of(self, run_id: int, node_id: int | None) -> str:
        """Which trouble keeps a run from getting on, in words; empty if none does.

        Args:
            run_id: the run.
            node_id: the node that it is for; None if there is none.
        """
        from v6sim.sandbox.faults.catalog import name_of

        for seat, cause in self._down.items():
            if seat.node is not None and seat.node.id == node_id:
                name = name_of(cause) if cause else "offline"
                return f"it was stopped by the fault {name!r} that a test asked for"
        for trouble in self._there:
            if run_id in trouble.held:
                return f"the fault {name_of(trouble)!r} that a test asked for holds the run back"
        return ""

    # --- troubles ---

    def add(
        self, organization: str, kind: str, options: Mapping[str, Any],
        collaboration: str | None = None,
    ) -> Trouble:  # fmt: skip
        """Have the nodes of an organization in trouble from now on.

        Args:
            organization: its name.
            kind: the trouble's name in the catalog.
            options: the trouble's fields.
            collaboration: only the node in it; None for all.

        Raises:
            UnknownName: one of the names is not known.
            WrongFault: the trouble has no such field, or that has no such value.
            CannotSpoil: the data cannot be changed.
        """
        from v6sim.sandbox.faults.catalog import make

        seats = self.seats(organization, collaboration)
        trouble = make(kind, options)
        self._number += 1
        trouble.begin(_Ground(self, seats, f"{self._seed} {self._number}"))
        self._there[trouble] = seats
        for seat in seats:
            seat.habits.troubles.append(trouble)
        return trouble

    async def remove(self, trouble: Trouble) -> None:
        """Have that end: what is held up goes on, what was overlooked is seen, who fell is back."""
        seats = self._there.pop(trouble, ())
        for seat in seats:
            seat.habits.troubles.remove(trouble)
        trouble.end()
        wake(seats)
        await self._settle()
        await self.bring_back([seat for seat, cause in self._down.items() if cause is trouble])

    async def clear(self, seed: int = 0) -> None:
        """End all; what is drawn by chance from now on depends on the seed."""
        for trouble in list(self._there):
            await self.remove(trouble)
        await self.bring_back(self._seats)
        for folder in self._folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self._folders.clear()
        self._seed, self._number = seed, 0

    async def close(self) -> None:
        """End all, as the nodes are about to end too."""
        self._there.clear()
        for seat in self._seats:
            seat.habits.troubles.clear()
        for task in self._returns.values():
            task.cancel()
        await self._settle()
        for folder in self._folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def new_folder(self) -> Path:
        """A folder that is there until all is cleared."""
        folder = new_folder("faults")
        self._folders.append(folder)
        return folder

    # --- nodes that are not there ---

    async def take_down(self, seats: Sequence[Seat], cause: Trouble | None = None) -> None:
        """Have nodes end, without a report on what they run, and the server know it."""
        async with self._moving:
            for seat in seats:
                if seat.node is not None and seat not in self._down:
                    self._down[seat] = cause
                    await seat.node.stop()
                    await self._is_missed(seat.node)

    async def bring_back(self, seats: Sequence[Seat]) -> None:
        """Start those of these nodes that are down; returns when they are online.

        Raises:
            NodeError: the server refuses one.
            TimeoutError: the server does not let it in within half a minute.
        """
        async with self._moving:
            for seat in seats:
                if seat.node is not None and seat in self._down:
                    async with asyncio.timeout(_PATIENCE):
                        await seat.node.start()
                    del self._down[seat]

    def bring_down(self, run_id: int, trouble: Trouble, seconds: Seconds) -> None:
        """End the node of a run in its tracks; see `Ground`."""
        for seat in self._seats:
            if seat.node is not None and run_id in seat.node.running:
                fall = asyncio.create_task(self._fall(seat, trouble, seconds))
                self._falls.add(fall)
                fall.add_done_callback(self._falls.discard)

    async def _fall(self, seat: Seat, trouble: Trouble, seconds: Seconds) -> None:
        await self.take_down([seat], trouble)
        if seconds is not None:
            self._returns[seat] = asyncio.create_task(self._return(seat, seconds))
        trouble.tell()

    async def _return(self, seat: Seat, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self.bring_back([seat])
        except (NodeError, TimeoutError) as error:
            logger.warning("%s does not come back: %s", seat.node, error)

    async def _settle(self) -> None:
        """Wait until nodes that are about to end have done so."""
        while self._falls:
            await asyncio.wait(self._falls)


@dataclass(frozen=True)
class _Ground:
    """What a trouble may do to its nodes; see `Ground`."""

    board: TroubleBoard
    seats: Sequence[Seat]
    seed: str

    def random(self, *occasion: object) -> Random:
        return Random(f"{self.seed} {occasion}")  # noqa: S311 - the same each time

    def wake(self) -> None:
        wake(self.seats)

    def bring_down(self, run_id: int, trouble: Trouble, seconds: Seconds) -> None:
        self.board.bring_down(run_id, trouble, seconds)

    def files(self, label: str) -> Collection[Path]:
        return [
            Path(each.uri)
            for seat in self.seats
            for each in Databases(seat.databases)
            if each.label == label and each.is_file
        ]

    def folder(self) -> Path:
        return self.board.new_folder()


def wake(seats: Sequence[Seat]) -> None:
    """Have nodes look for work."""
    for seat in seats:
        if seat.node is not None:
            seat.node.heard_task()
