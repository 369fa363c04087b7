"""Algorithms that wait for a task of theirs: after a while, their logs say what it waits for."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from v6sim.node.errors import NodeError
from v6sim.node.line import FAILURES, Answer
from v6sim.node.link import Link
from v6sim.wire.wait_reasons import SECONDS, lines, open_runs

_TASK = re.compile(r"/task/(\d+)")
_IS_OPEN = re.compile(rb'"complete":\s*false')
_PAUSE = 1.0  # seconds between two looks at the reasons

logger = logging.getLogger(__name__)


@dataclass
class _Wait:
    """An algorithm's wait for one task."""

    due: float
    said: set[str] = field(default_factory=set)


class MasterWaits:
    """Notices that an algorithm asks again and again for a task, and finds out what that waits for.

    Args:
        link: the node's line to the server.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waits: dict[tuple[int, str], _Wait] = {}
        self._looking: set[asyncio.Task[None]] = set()

    def note(
        self, run_id: int, path: str, begun: float, answer: Answer, say: Callable[[str], None]
    ) -> None:
        """Take note of an answer to an algorithm.

        Args:
            run_id: whose algorithm it is.
            path: what it has asked for.
            begun: when it has asked, in the time of the event loop.
            answer: what it is answered.
            say: takes lines for its log.
        """
        found = _TASK.fullmatch(path)
        if found is None or not _IS_OPEN.search(answer.body):
            return
        now = asyncio.get_running_loop().time()
        wait = self._waits.setdefault((run_id, found[1]), _Wait(begun + SECONDS))
        if now >= wait.due:
            wait.due = now + _PAUSE
            looking = asyncio.create_task(self._look(found[1], wait, say))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)

    def forget(self, run_id: int) -> None:
        """Forget a run that has ended."""
        self._waits = {key: wait for key, wait in self._waits.items() if key[0] != run_id}

    def stop(self) -> None:
        """Say nothing any more."""
        for looking in self._looking:
            looking.cancel()

    async def _look(self, task_id: str, wait: _Wait, say: Callable[[str], None]) -> None:
        try:
            found = await self._reasons(task_id)
        except (*FAILURES, NodeError) as error:
            logger.debug("what task %s waits for is not known: %s", task_id, error)
            return
        for line in found:
            if line not in wait.said:
                wait.said.add(line)
                say(line)

    async def _reasons(self, task_id: str) -> list[str]:
        """What a task waits for; v6sim's own server knows more of that than others."""
        path = f"/_v6sim/tasks/{task_id}/waiting"
        answer = await self._link.line.send("GET", path, self._link.token)
        if answer.status == 200 and isinstance(answer.json, dict) and "lines" in answer.json:
            return [str(line) for line in answer.json["lines"]]
        query = {"task_id": task_id, "state": "open"}
        rows: Any = await self._link.ask("GET", "result", params=query)
        return lines(open_runs(rows))
