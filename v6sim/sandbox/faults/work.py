"""Troubles of nodes with their work and their reports."""

import asyncio
import string
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from v6sim.node.assignment import Assignment
from v6sim.node.contract import Contract
from v6sim.node.executors.base import Outcome, collect
from v6sim.node.habits import Execute, Report, Send
from v6sim.sandbox.faults.trouble import Seconds, Trouble
from v6sim.wire.long_text import AnyText, LongText, iterate_pieces
from v6sim.wire.statuses import RunStatus

_KILLED = 137  # exit code of what is ended by signal 9
_ALPHABET = string.ascii_letters + string.digits


@dataclass(kw_only=True, eq=False)
class NeverAnswers(Trouble):
    """It is online, and takes no notice of a run, which stays pending.

    Args:
        seconds: after which it takes it up nevertheless.
    """

    seconds: Seconds = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._overlooked: dict[int, bool] = {}

    def overlooks(self, assignment: Assignment) -> bool:
        """Whether this run is one that it takes no notice of."""
        key = assignment.run_id
        if key not in self._overlooked:
            self._overlooked[key] = self.meets(key)
            if self._overlooked[key]:
                self.held.add(key)
                self.tell()
                if self.seconds is not None:
                    asyncio.get_running_loop().call_later(self.seconds, self._notice, key)
        return self._overlooked[key]

    def _notice(self, key: int) -> None:
        self._overlooked[key] = False
        self.held.discard(key)
        self._ground.wake()


@dataclass(kw_only=True, eq=False)
class Slow(Trouble):
    """An algorithm takes longer: its run stays active, and keeps its place.

    Args:
        seconds: by how much.
    """

    seconds: Seconds = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._begun: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    def end(self) -> None:
        """Let go what is held up."""
        super().end()
        for begun in self._begun.values():
            begun.set()

    async def execute(
        self, run: Execute, contract: Contract, started: Callable[[], None]
    ) -> Outcome:
        """Run it, and wait."""
        begun = self._begun[contract.run_id]
        is_running = False

        def begin() -> None:
            nonlocal is_running
            is_running = True
            started()

        outcome = await run(contract, begin)
        if is_running and self.meets(contract.run_id):
            await begun.wait()
            await self.hold(contract.run_id, self.seconds)
        return outcome

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:
        """Deliver, and see when it is known that the algorithm is running."""
        try:
            await send(report)
        finally:
            if "status" in report:
                self._begun[assignment.run_id].set()


@dataclass(kw_only=True, eq=False)
class Crashes(Trouble):
    """An algorithm is killed as soon as it runs, as one is that takes all the memory."""

    async def execute(
        self, run: Execute, contract: Contract, started: Callable[[], None]
    ) -> Outcome:
        """Run it, and kill it."""
        if not self.meets(contract.run_id):
            return await run(contract, started)
        is_running = False

        def begin() -> None:
            nonlocal is_running
            is_running = True
            started()
            running.cancel()

        running = asyncio.ensure_future(run(contract, begin))
        try:
            await asyncio.wait([running])
        finally:
            if not is_running:
                running.cancel()
            await asyncio.wait([running])
        if not is_running:
            return running.result()
        outcome = await collect(contract, _KILLED, "the algorithm was ended by signal 9 (Killed)")
        self.tell()
        return replace(outcome, output=b"")


@dataclass(kw_only=True, eq=False)
class DiesInRun(Trouble):
    """A node ends while an algorithm runs: it is offline, and the run stays active.

    Args:
        seconds: after which it comes back; by default it does not do so by itself.
    """

    seconds: Seconds = None
    times: int | None = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        self._doomed: set[int] = set()

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:
        """Tell that the algorithm runs, and die; what it says at its end is told to nobody."""
        key = assignment.run_id
        if key in self._doomed and "finished_at" in report:
            await asyncio.Event().wait()  # its end comes from outside
        self._doomed.discard(key)
        await send(report)
        if report.get("status") == RunStatus.ACTIVE and self.meets(key):
            self._doomed.add(key)
            self._ground.bring_down(key, self, self.seconds)


@dataclass(kw_only=True, eq=False)
class LosesResult(Trouble):
    """The last report on a run never gets to the server: the run stays active for ever."""

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:
        """Deliver all but the last one."""
        if "finished_at" in report and self.meets(assignment.run_id):
            self.held.add(assignment.run_id)
            self.tell()
        else:
            await send(report)


@dataclass(kw_only=True, eq=False)
class GarblesResult(Trouble):
    """A result is changed on its way: it is as long as before, and nobody can read it."""

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:
        """Deliver something else."""
        if report.get("result") and self.meets(assignment.run_id):
            random = self._ground.random("garble", assignment.run_id)
            report = {**report, "result": _garbled(report["result"], random)}
            self.tell()
        await send(report)


@dataclass(kw_only=True, eq=False)
class DoublesResult(Trouble):
    """The last report on a run is sent twice; the server refuses the second one."""

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:
        """Deliver the last one twice."""
        is_double = "finished_at" in report and self.meets(assignment.run_id)
        await send(report)
        if is_double:
            try:
                await send(report)
            finally:
                self.tell()


@dataclass(kw_only=True, eq=False)
class ReportsLate(Trouble):
    """The last report on a run comes late; those who hear of events hear of the end before.

    Args:
        seconds: how late.
    """

    seconds: Seconds = None

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:
        """Wait with the last one."""
        if "finished_at" in report and self.meets(assignment.run_id):
            await self.hold(assignment.run_id, self.seconds)
        await send(report)


def _garbled(text: AnyText, random: Random) -> AnyText:
    """A text of the same shape, of which no letter or digit is what it was."""
    pieces = [
        "".join(
            random.choice(_ALPHABET.replace(letter, "")) if letter in _ALPHABET else letter
            for letter in piece
        )
        for piece in iterate_pieces(text)
    ]
    return pieces[0] if isinstance(text, str) else LongText(pieces)
