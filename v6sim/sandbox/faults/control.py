"""Faults on call, for tests."""

from random import SystemRandom
from typing import Any

from v6sim.sandbox.controls import Control
from v6sim.sandbox.faults.active import ActiveFault, Chaos
from v6sim.sandbox.faults.board import TroubleBoard
from v6sim.sandbox.faults.chaos import Draw, Limits, draw
from v6sim.sandbox.faults.nodes import DataFaults, NodeFaults
from v6sim.sandbox.thread import ServiceThread
from v6sim.server.faults import Fault, Kind
from v6sim.server.operations.call import Core


class FaultControl(Control):
    """Has parts misbehave; a reset heals them all.

    Args:
        core: the server's shared parts.
        thread: where it runs.
        board: what keeps the troubles of the nodes beside it.
    """

    def __init__(self, core: Core, thread: ServiceThread, board: TroubleBoard) -> None:
        super().__init__(core, thread)
        self._board = board

    def add(self, kind: Kind, path: str | None = None, **options: Any) -> ActiveFault:
        """Have requests fail from now on.

        Args:
            kind: `status` answers an error; `slow` is late; `cut` breaks off in mid-answer, and
                nothing is done; `lost` does what is asked, and breaks off; `expired` takes the
                token for one that has expired.
            path: which requests, such as `/task/*`; None for all.
            options: method, status, seconds, after (how many are spared first), times (how often)
                and probability.

        Raises:
            WrongFault: one of them cannot be.
        """
        fault = Fault.of({"kind": kind, "path": path, **options})
        faults = self._core.faults
        self._thread.do(lambda: faults.add(fault))
        return ActiveFault(
            fault, lambda: self._thread.do(lambda: faults.remove(fault)), repr(fault)
        )

    def remove(self, fault: ActiveFault) -> None:
        """Have that end."""
        fault.undo()

    def node(self, organization: str, collaboration: str | None = None) -> NodeFaults:
        """What can go wrong at the nodes of an organization.

        Args:
            organization: its name.
            collaboration: only its node in it; None for all of its nodes.

        Raises:
            UnknownName: none runs here.
        """
        return NodeFaults(self._thread, self._board, organization, collaboration)

    def data(self, organization: str, collaboration: str | None = None) -> DataFaults:
        """What can be wrong with the data at the nodes of an organization; see `node`."""
        return DataFaults(self._thread, self._board, organization, collaboration)

    def chaos(self, seed: int | None = None, **limits: Any) -> Chaos:
        """Have things go wrong by chance; the seed is printed, and brings the same again.

        Args:
            seed: on which it depends what goes wrong, and when; None: any.
            limits: faults (how many), kinds, within and longest; see `Limits`.

        Raises:
            UnknownName: there is no such kind of fault.
            ValueError: nothing can be drawn.
        """
        seed = SystemRandom().randrange(1_000_000) if seed is None else seed
        draws = draw(seed, self._thread.do(self._board.columns), Limits(**limits))
        chaos = Chaos(seed, draws, [self._start(each) for each in draws])
        print(chaos)
        return chaos

    def _start(self, each: Draw) -> ActiveFault:
        options = dict(each.options)
        if each.part == "server":
            return self.add(each.name, each.where, **options)  # type: ignore[arg-type]
        part = self.node(each.where) if each.part == "node" else self.data(each.where)
        fault: ActiveFault = getattr(part, each.name)(**options)
        return fault

    def clear(self, seed: int = 0) -> None:
        """Heal the server and its nodes.

        Args:
            seed: on it depends what is drawn by chance from now on.
        """
        self._thread.do(lambda: self._core.faults.clear(seed))
        self._thread.call(self._board.clear(seed))
