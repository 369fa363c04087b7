"""An executor that runs masters, and answers what they ask of others from a recording."""

import asyncio
from collections.abc import Callable, Mapping

from v6sim.node.contract import Contract
from v6sim.node.executors.base import Executor, Front, Member, Outcome, Reach, printed, unheard
from v6sim.recording.asked import in_words
from v6sim.recording.recording import Answer, Recording
from v6sim.wire.statuses import RunStatus

_UNKNOWN = "node > this is not what was recorded, so that there is no answer to it\n"
_ENDED = "node > the replay was ended, as the master asked for something that was not recorded\n"


class ReplayingExecutor:
    """Runs what has no parent by another executor; the rest is answered.

    The task ids of a replay follow one another, as nothing else is asked meanwhile: by them,
    subtasks are known as the first, the second and so on of their master.

    Args:
        inner: what runs masters.
        recording: has the answers.
        organizations: the names of organizations, by those of their nodes.
    """

    def __init__(
        self, inner: Executor, recording: Recording, organizations: Mapping[str, str]
    ) -> None:
        self._inner, self._recording, self._names = inner, recording, organizations
        self._places: dict[int, str] = {}
        self._deviated: dict[int, asyncio.Event] = {}

    async def open(self) -> None:
        """Make ready; see `Executor`."""
        await self._inner.open()

    async def join(self, member: Member, front: Front) -> Reach:
        """Make ready for a node; see `Executor`."""
        self._places[member.node_id] = self._names[member.name]
        return await self._inner.join(member, front)

    async def leave(self, member: Member) -> None:
        """Put away what was there for a node; see `Executor`."""
        await self._inner.leave(member)

    async def reset(self) -> None:
        """Forget what runs have left; see `Executor`."""
        await self._inner.reset()

    async def prepare(self, image: str) -> None:
        """Have an image ready; see `Executor`."""
        await self._inner.prepare(image)

    async def close(self) -> None:
        """Leave nothing behind; see `Executor`."""
        await self._inner.close()

    async def run(self, contract: Contract, started: Callable[[], None] = unheard) -> Outcome:
        """Run a master, or answer a subtask; see `Executor`."""
        if contract.parent_id is None:
            return await self._run_master(contract, started)
        answer = await asyncio.to_thread(self._answer, contract)
        if answer is None:
            self._deviation(contract.parent_id).set()
            return Outcome(RunStatus.FAILED, _UNKNOWN)
        started()
        return Outcome(answer.status, answer.log, answer.output)

    async def _run_master(self, contract: Contract, started: Callable[[], None]) -> Outcome:
        """Run it until it ends, or asks for something else than recorded."""
        deviation = self._deviation(contract.task_id)
        deviation.clear()
        running = asyncio.ensure_future(self._inner.run(contract, started))
        deviating = asyncio.ensure_future(deviation.wait())
        try:
            await asyncio.wait({running, deviating}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
        finally:
            running.cancel()
            deviating.cancel()
            await asyncio.gather(running, deviating, return_exceptions=True)
        return Outcome(RunStatus.CRASHED, printed(contract) + _ENDED)

    def _deviation(self, master_id: int) -> asyncio.Event:
        """What is set when that master has asked for something else than recorded."""
        return self._deviated.setdefault(master_id, asyncio.Event())

    def _answer(self, contract: Contract) -> Answer | None:
        """What was recorded for the same question; None if there was none."""
        assert contract.parent_id is not None, "masters are run"
        number = contract.task_id - contract.parent_id - 1
        if number >= len(self._recording.subtasks):
            return None
        asked = list(in_words((contract.folder / "input").read_bytes()))
        place = self._places[contract.node_id]
        for answer in self._recording.subtasks[number].answers:
            if answer.organization == place and list(in_words(answer.input)) == asked:
                return answer
        return None
