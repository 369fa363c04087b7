"""The runs that a node has taken: each once, and none is missed."""

import asyncio
import logging
from typing import Any

from v6sim.node.assignment import Assignment
from v6sim.node.errors import ServerRefused
from v6sim.node.run import Run
from v6sim.node.site import Site

_SECONDS_TO_ASK_AGAIN = 1.0

logger = logging.getLogger(__name__)


class Workload:
    """Takes open runs from the server, and has them carried out.

    Whatever is heard of new work leads to one question, for all open runs of the node: so it does
    not matter what was missed, and many words at once cost no more than one.

    Args:
        site: what the runs share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._runs: dict[Run, asyncio.Task[None]] = {}
        self._taken: set[tuple[int, str]] = set()
        self._wanted = asyncio.Event()
        self._era = 0  # how often all was dropped: answers to earlier questions are void
        self.looked = asyncio.Event()
        """Set once the server has been asked for work successfully."""

    @property
    def running(self) -> tuple[int, ...]:
        """Ids of the runs that are taken and not reported yet."""
        return tuple(run.assignment.run_id for run in self._runs)

    def want(self) -> None:
        """Look for work, soon."""
        self._wanted.set()

    async def look(self) -> None:
        """Look for work whenever that is wanted; until cancelled.

        Raises:
            NodeRefused: the server does not know the node's api key any more.
        """
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._take_open_runs()
            except ServerRefused as refusal:
                logger.warning("node %s cannot look for work: %s", self._site.node_id, refusal)
                asyncio.get_running_loop().call_later(_SECONDS_TO_ASK_AGAIN, self._wanted.set)
            else:
                self.looked.set()

    def kill(self, order: dict[str, Any]) -> None:
        """End the runs that the server lists, or all where it lists none.

        Args:
            order: payload of the event `kill_containers` (reference: node, section 6).
        """
        if order.get("collaboration_id") != self._site.collaboration_id:
            return
        if order.get("node_id", self._site.node_id) != self._site.node_id:
            return
        listed = order.get("kill_list") or []
        own = self._site.organization_id
        ids = {each["result_id"] for each in listed if each.get("organization_id") == own}
        for run in list(self._runs):
            if not listed or run.assignment.run_id in ids:
                run.kill()

    async def drop(self) -> None:
        """Kill all runs without a report, and forget them."""
        self._era += 1
        self._wanted.clear()
        tasks = list(self._runs.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._taken.clear()

    async def _take_open_runs(self) -> None:
        query = {"state": "open", "include": "task", "node_id": str(self._site.node_id)}
        era = self._era
        rows = await self._site.link.ask("GET", "result", params=query)
        if era != self._era:
            return
        open_ = [Assignment.of(row) for row in rows if row.get("task")]  # else deleted meanwhile
        self._end_closed({assignment.key for assignment in open_})
        for assignment in open_:
            if assignment.key not in self._taken and not self._site.habits.overlooks(assignment):
                await self._drop_void(assignment)
                self._taken.add(assignment.key)
                self._take(Run(assignment, self._site))

    def _end_closed(self, open_: set[tuple[int, str]]) -> None:
        """End runs that the server counts as ended, as they were killed while it was not heard."""
        for run in list(self._runs):
            if run.assignment.key not in open_:
                run.kill()

    async def _drop_void(self, assignment: Assignment) -> None:
        """Drop a run of the same id that a server has forgotten, which now counts anew."""
        tasks = [
            task for run, task in self._runs.items() if run.assignment.run_id == assignment.run_id
        ]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _take(self, run: Run) -> None:
        task = self._runs[run] = run.start()
        task.add_done_callback(lambda _: self._runs.pop(run, None))
