"""One run at its node, from being taken to being reported."""

import asyncio
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from v6sim.node.assignment import Assignment
from v6sim.node.contract import Contract
from v6sim.node.departures import Departure
from v6sim.node.errors import (
    NodeError,
    NoRoom,
    RunError,
    ServerAway,
    ServerForgot,
    ServerRefused,
    UnreadableInput,
)
from v6sim.node.executors.base import Outcome
from v6sim.node.follow import follow
from v6sim.node.habits import Report
from v6sim.node.line import Answer, backoff
from v6sim.node.places import Place
from v6sim.node.proxy import Visitor
from v6sim.node.site import Site
from v6sim.wire.keys import WrongKey
from v6sim.wire.payload import UnreadablePayload, format_of
from v6sim.wire.statuses import RunStatus, is_failed

_TRIES = 3
"""How often to ask a server that answers with an error of its own."""

logger = logging.getLogger(__name__)


class Run:
    """Carries out one assignment.

    Args:
        assignment: what to do.
        site: what the runs of the node share.
    """

    def __init__(self, assignment: Assignment, site: Site) -> None:
        self.assignment, self._site = assignment, site
        self._activating: asyncio.Task[None] | None = None
        self._reporting = self._killed = False
        self._task: asyncio.Task[None] | None = None
        self._breaks = site.listener.breaks

    def __str__(self) -> str:
        return f"run {self.assignment.run_id} of node {self._site.node_id}"

    def start(self) -> asyncio.Task[None]:
        """Begin; the task ends when the run is reported. Being cancelled, it reports nothing."""
        self._task = asyncio.create_task(self._live(), name=f"run {self.assignment.run_id}")
        return self._task

    def kill(self) -> None:
        """End it on the server's order, and report that, unless it has ended by itself."""
        if not self._reporting and self._task is not None:
            self._killed = True
            self._task.cancel()

    async def _live(self) -> None:
        try:
            outcome = await self._carry_out()
            self._reporting = True
            await self._report(outcome)
        except asyncio.CancelledError:
            if not self._killed or self._reporting:
                raise
            self._reporting = True
            self._forget_cancellation()
            await self._tell(RunStatus.KILLED, finished_at=_now())
        except NodeError as error:
            logger.warning("%s could not be reported: %s", self, error)
        finally:
            if self._activating is not None:
                self._activating.cancel()
            await asyncio.to_thread(self._site.workspace.close, self.assignment.run_id)

    def _forget_cancellation(self) -> None:
        assert self._task is not None
        self._task.uncancel()

    async def _carry_out(self) -> Outcome:
        async with self._site.places.place() as place:
            begun, asked = await asyncio.gather(
                self._patch(started_at=_now()), self._ask_token(), return_exceptions=True
            )
            if isinstance(begun, BaseException):
                raise begun
            if isinstance(asked, ServerRefused):
                return Outcome(RunStatus.FAILED, f"node > no token for the algorithm: {asked}\n")
            if isinstance(asked, BaseException):
                raise asked
            try:
                self._site.allowed.check(self.assignment.image)
                return await self._execute(asked, place)
            except RunError as error:
                return Outcome.of(error)
            except Exception:  # a full disk, say, or a defect of ours: never a run that hangs
                logger.exception("%s failed", self)
                return Outcome(RunStatus.FAILED, f"node > {traceback.format_exc()}")

    async def _ask_token(self) -> str:
        asked = {"task_id": self.assignment.task_id, "image": self.assignment.image}
        answer = await self._ask("POST", "token/container", asked)
        return str(answer.json["container_token"])

    async def _execute(self, token: str, place: Place) -> Outcome:
        content = await self._open_input()
        contract = await self._contract(content, token)
        visitor = Visitor(
            self.assignment.run_id,
            place.give_back,
            task_id=self.assignment.task_id,
            parent_id=self.assignment.parent_id,
        )
        if self._site.cryptor.encrypted and format_of(content) == "unknown":
            visitor.notes.append(
                "the input, once decrypted, is in no known format: was it changed on its way, or "
                "encrypted for another key?"
            )
        self._site.proxy.admit(token, visitor)
        following = asyncio.create_task(
            follow(self._site.link, self.assignment.run_id, contract.log_file)
        )
        try:
            outcome = await self._site.habits.execute(
                self._site.executor.run, contract, self._started
            )
        finally:
            following.cancel()
            self._site.proxy.dismiss(token)
        notes = "".join(f"node > {note}\n" for note in visitor.notes)
        return Outcome(outcome.status, outcome.log + notes, outcome.output)

    async def _open_input(self) -> bytes:
        try:
            return await asyncio.to_thread(self._site.cryptor.decrypt, self.assignment.content)
        except UnreadablePayload as error:
            raise UnreadableInput(f"the input cannot be opened: {error}") from error

    async def _contract(self, content: bytes, token: str) -> Contract:
        site, wanted = self._site, self.assignment
        databases = site.habits.databases(wanted, site.databases)
        database = databases.pick(wanted.database)
        try:
            folder = await asyncio.to_thread(site.workspace.open, wanted.run_id, content, token)
            temporary = site.workspace.temporary(wanted.job_id)
        except OSError as error:
            raise NoRoom(str(error)) from error
        return Contract(
            node_id=site.node_id,
            run_id=wanted.run_id,
            image=wanted.image,
            folder=folder,
            temporary=temporary,
            database=database,
            databases=databases,
            host=site.reach.host,
            port=site.reach.port,
            algorithm_env=site.algorithm_env,
            task_id=wanted.task_id,
            parent_id=wanted.parent_id,
            tell_environment=site.tell_environment,
        )

    def _started(self) -> None:
        self._activating = asyncio.create_task(self._activate())

    async def _activate(self) -> None:
        await self._tell(RunStatus.ACTIVE)

    async def _tell(self, status: RunStatus, **fields: Any) -> None:
        """Report a status without a result; a server that knows better is not contradicted."""
        try:
            await self._patch(status=status, **fields)
        except ServerRefused as refusal:
            logger.debug("%s: status %r was not taken: %s", self, str(status), refusal)
        await self._emit(status)

    async def _report(self, outcome: Outcome) -> None:
        if self._activating is not None:
            await self._activating
        outcome, result = await self._sealed(outcome)
        self._leaves("log", (), outcome.log.encode())
        await self._emit(outcome.status)
        await self._patch(result=result, log=outcome.log, status=outcome.status, finished_at=_now())

    async def _sealed(self, outcome: Outcome) -> tuple[Outcome, str]:
        """The outcome, and its output as it is to be sent; a failure if that cannot be sealed."""
        receiver = self.assignment.initiator_id
        try:
            key = await self._public_key(receiver) if self._site.cryptor.encrypted else ""
            result = await asyncio.to_thread(self._site.cryptor.encrypt, outcome.output, key)
        except (WrongKey, ServerRefused) as error:
            note = f"node > the result cannot be encrypted for organization {receiver}: {error}\n"
            status = outcome.status if is_failed(outcome.status) else RunStatus.FAILED
            return Outcome(status, outcome.log + note), ""
        self._leaves("result", (receiver,) if receiver else (), outcome.output)
        return outcome, result

    async def _public_key(self, organization_id: int | None) -> str:
        answer = await self._ask("GET", f"organization/{organization_id}")
        return answer.json["public_key"] or ""

    async def _patch(self, **fields: Any) -> None:
        await self._site.habits.deliver(self.assignment, fields, self._send)

    async def _send(self, report: Report) -> None:
        await self._ask("PATCH", f"result/{self.assignment.run_id}", report)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Ask the server about this run, as long as it takes; but only one that still knows it."""
        for tries, delay in enumerate(backoff(), 1):
            await self._make_sure_it_is_known()
            try:
                return await self._site.link.ask_at_once(method, path, body)
            except ServerAway:
                self._breaks = -1
            except ServerRefused as refusal:
                if refusal.status < 500 or tries == _TRIES:
                    raise
            await asyncio.sleep(delay)
        raise AssertionError("never reached: the tries do not end")

    async def _make_sure_it_is_known(self) -> None:
        """After a break: a server that has started over may know another run by the same id.

        Raises:
            ServerForgot: it does.
        """
        breaks = self._site.listener.breaks
        if self._breaks == breaks:
            return
        row = await self._site.link.ask("GET", f"result/{self.assignment.run_id}")
        if str(row.get("assigned_at")) != self.assignment.assigned_at:
            raise ServerForgot("the server has started over meanwhile")
        self._breaks = breaks

    async def _emit(self, status: RunStatus) -> None:
        change = {
            "node_id": self._site.node_id,
            "status": str(status),
            "result_id": self.assignment.run_id,
            "task_id": self.assignment.task_id,
            "collaboration_id": self._site.collaboration_id,
            "organization_id": self._site.organization_id,
            "parent_id": self.assignment.parent_id,
        }
        await self._site.listener.emit("algorithm_status_change", change)

    def _leaves(self, kind: Any, receivers: tuple[int, ...], content: bytes) -> None:
        run = self.assignment
        self._site.witness(
            Departure(
                self._site.node_id, run.run_id, kind, receivers, content, run.task_id, run.parent_id
            )
        )


def _now() -> str:
    """The time as the server reads it: UTC without a zone, never without a fraction."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
