"""What a node tells its server of one run, however long that takes."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from v6sim.node.assignment import Assignment
from v6sim.node.errors import ServerAway, ServerForgot, ServerRefused
from v6sim.node.habits import Report
from v6sim.node.line import Answer, RequestOptions, backoff, is_passing
from v6sim.node.site import Site
from v6sim.wire.long_text import AnyText
from v6sim.wire.statuses import RunStatus

_KEPT = 10_000
"""Characters of a log that go with the report of a run whose own report was refused."""

logger = logging.getLogger(__name__)


class RunReports:
    """Tells the server of a run; one that is away or fails is asked again, with growing pauses.

    Args:
        assignment: the run.
        site: what the runs of the node share.
    """

    def __init__(self, assignment: Assignment, site: Site) -> None:
        self._assignment, self._site = assignment, site
        self._breaks = site.listener.breaks
        self.obstacle = ""
        """Why the server takes nothing just now; empty if it does."""

    def __str__(self) -> str:
        return f"run {self._assignment.run_id} of node {self._site.node_id}"

    async def begin(self) -> Answer | ServerRefused:
        """Tell of the start, and ask for the algorithm's token: once, whatever comes of it.

        Returns the answer with the token, or the refusal to give one.

        Raises:
            ServerAway: the server is away.
            ServerRefused: it does not take note of the start.
        """
        asked = {"task_id": self._assignment.task_id, "image": self._assignment.image}
        with self._noting():
            await self._make_sure_it_is_known()
            begun, answer = await asyncio.gather(
                self._deliver({"started_at": now()}, self._send_once),
                self._site.link.ask_at_once("POST", "token/container", asked),
                return_exceptions=True,
            )
            if isinstance(begun, BaseException):
                raise begun
            if isinstance(answer, ServerRefused) and not is_passing(answer.status):
                return answer
            if isinstance(answer, BaseException):
                raise answer
            return answer

    async def input(self) -> AnyText:
        """Return the input of the run, once; a long one the server may have left out before.

        Raises:
            ServerAway: the server is away.
            ServerRefused: it does not give it, or not now.
        """
        content = self._assignment.content
        if isinstance(content, str) or content.is_here:
            return content
        with self._noting():
            options = RequestOptions(longest=self._site.limits.longest_input)
            path = f"result/{self._assignment.run_id}"
            answer = await self._site.link.ask_at_once("GET", path, options=options)
            text: AnyText = answer.json.get("input") or ""
            return text

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Ask the server about this run, as long as it takes; but only one that still knows it.

        A server that fails is asked again as one that is away is: a full disk, say, may have room
        later.

        Raises:
            ServerRefused: it refuses that, and always will.
            ServerForgot: it has started over.
            NodeRefused: it does not know the node's api key any more.
        """
        for delay in backoff():
            try:
                with self._noting():
                    await self._make_sure_it_is_known()
                    return await self._site.link.ask_at_once(method, path, body)
            except ServerAway:
                pass
            except ServerRefused as refusal:
                if not is_passing(refusal.status):
                    raise
            await asyncio.sleep(delay)
        raise AssertionError("never reached: the tries do not end")

    async def tell(self, status: RunStatus, **fields: Any) -> None:
        """Report a status without a result; a server that knows better is not contradicted."""
        try:
            await self.report(status=status, **fields)
        except ServerRefused as refusal:
            logger.debug("%s: status %r was not taken: %s", self, str(status), refusal)
        await self.emit(status)

    async def report(self, **fields: Any) -> None:
        """Report the fields of `PATCH result/<id>`."""
        await self._deliver(fields, self._send)

    async def report_failure(self, reason: str, printed: str) -> None:
        """Report that the run has come to nothing, in a way that no server can have to refuse.

        Args:
            reason: why its own report cannot be sent, or is not taken.
            printed: what the algorithm has printed, as far as that is known.
        """
        said = printed[-_KEPT:]
        separator = "" if not said or said.endswith("\n") else "\n"
        log = f"{said}{separator}node > this run cannot be reported: {reason}\n"
        plain = log.replace("\0", "").encode("ascii", "backslashreplace").decode()
        try:
            await self.emit(RunStatus.FAILED)
            await self.report(result="", log=plain, status=RunStatus.FAILED, finished_at=now())
        except ServerRefused as refusal:
            if not await self.has_ended():
                logger.error("%s stays open: the server takes no report of it: %s", self, refusal)

    async def has_ended(self) -> bool:
        """Whether the server counts the run as ended, or knows of no such run of this node's."""
        path = f"result/{self._assignment.run_id}"
        try:
            answer = await self.ask("GET", path)
        except ServerRefused as refusal:
            return refusal.status in (401, 404)
        return answer.json.get("finished_at") is not None

    async def emit(self, status: RunStatus) -> None:
        """Tell everybody of a status, over the socket."""
        change = {
            "node_id": self._site.node_id,
            "status": str(status),
            "result_id": self._assignment.run_id,
            "task_id": self._assignment.task_id,
            "collaboration_id": self._site.collaboration_id,
            "organization_id": self._site.organization_id,
            "parent_id": self._assignment.parent_id,
        }
        await self._site.listener.emit("algorithm_status_change", change)

    async def _deliver(self, report: Report, send: Callable[[Report], Any]) -> None:
        await self._site.habits.deliver(self._assignment, report, send)

    async def _send(self, report: Report) -> None:
        await self.ask("PATCH", f"result/{self._assignment.run_id}", report)

    async def _send_once(self, report: Report) -> None:
        await self._site.link.ask_at_once("PATCH", f"result/{self._assignment.run_id}", report)

    async def _make_sure_it_is_known(self) -> None:
        """After a break: a server that has started over may know another run by the same id.

        Raises:
            ServerForgot: it does.
        """
        breaks = self._site.listener.breaks
        if self._breaks == breaks:
            return
        row = await self._site.link.ask("GET", f"result/{self._assignment.run_id}")
        if str(row.get("assigned_at")) != self._assignment.assigned_at:
            raise ServerForgot("the server has started over meanwhile")
        self._breaks = breaks

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Take down what is in the way, and that nothing is any more."""
        try:
            yield
        except ServerAway as error:
            self._breaks = -1
            self.obstacle = f"the server is away: {error}"
            raise
        except ServerRefused as refusal:
            if is_passing(refusal.status) and not self.obstacle:
                logger.warning("%s: the server answers %s; trying on", self, refusal)
            self.obstacle = f"the server answers {refusal}"
            raise
        self.obstacle = ""


def now() -> str:
    """The time as the server reads it: UTC without a zone, never without a fraction."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
