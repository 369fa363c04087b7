"""The runs that a node has taken: each once, and none is missed."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from v6sim.node.assignment import Assignment
from v6sim.node.errors import NodeRefused, ServerRefused
from v6sim.node.line import backoff
from v6sim.node.run import Run
from v6sim.node.run_reports import now
from v6sim.node.site import Site
from v6sim.wire.statuses import RunStatus

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
        self.obstacle = ""
        """Why it cannot look for work just now; empty if it can."""

    @property
    def running(self) -> tuple[int, ...]:
        """Ids of the runs that are taken and not reported yet."""
        return tuple(run.assignment.run_id for run in self._runs)

    def obstacle_of(self, run_id: int) -> str:
        """What keeps a run from getting on, in words; empty if nothing does that is known."""
        of_run = [run.obstacle for run in self._runs if run.assignment.run_id == run_id]
        return of_run[0] if of_run else self.obstacle

    def want(self) -> None:
        """Look for work, soon."""
        self._wanted.set()

    async def look(self) -> None:
        """Look for work whenever that is wanted; until cancelled.

        Raises:
            NodeRefused: the server does not know the node's api key any more.
        """
        delays = backoff()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._take_open_runs()
            except NodeRefused:
                raise
            except Exception as error:  # a refusal, or an answer that makes no sense
                trace = None if isinstance(error, ServerRefused) else error
                said = "node %s cannot look for work: %s"
                logger.warning(said, self._site.node_id, error, exc_info=trace)
                self.obstacle = f"its node cannot look for work: {error}"
                asyncio.get_running_loop().call_later(next(delays), self._wanted.set)
            else:
                self.obstacle, delays = "", backoff()
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
        # those without a task have been deleted meanwhile
        open_ = [each for row in rows if row.get("task") and (each := await self._read(row))]
        self._end_closed({assignment.key for assignment in open_})
        for assignment in open_:
            if assignment.key not in self._taken and not self._site.habits.overlooks(assignment):
                await self._drop_void(assignment)
                self._taken.add(assignment.key)
                self._take(Run(assignment, self._site))

    async def _read(self, row: dict[str, Any]) -> Assignment | None:
        """The assignment in a row; one that makes no sense is refused, and None."""
        try:
            return Assignment.of(row)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            reason = f"this node cannot read what the server says of the run: {error!r}"
            logger.error("run %s: %s", row.get("id"), reason)
            report = {
                "result": "", "log": f"node > {reason}\n", "status": RunStatus.FAILED,
                "finished_at": now(),
            }  # fmt: skip
            with suppress(ServerRefused):
                await self._site.link.ask("PATCH", f"result/{row.get('id')}", report)
            return None

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
