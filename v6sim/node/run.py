"""One run at its node, from being taken to being reported."""

import asyncio
import logging
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from v6sim.node.assignment import Assignment
from v6sim.node.contract import Contract
from v6sim.node.departures import Departure
from v6sim.node.errors import (
    InputTooLarge,
    NodeError,
    NodeRefused,
    NoRoom,
    RunError,
    ServerAway,
    ServerForgot,
    ServerRefused,
    UnreadableInput,
)
from v6sim.node.executors.base import OnThisHost, Outcome
from v6sim.node.folders import append
from v6sim.node.follow import follow
from v6sim.node.hints import hints
from v6sim.node.line import backoff, is_passing
from v6sim.node.places import Place
from v6sim.node.proxy import Visitor
from v6sim.node.run_reports import RunReports, now
from v6sim.node.site import Site
from v6sim.wire.keys import WrongKey
from v6sim.wire.long_payload import payload_size
from v6sim.wire.long_text import AnyText, LongText
from v6sim.wire.payload import UnreadablePayload, format_of
from v6sim.wire.sizes import describe_excess
from v6sim.wire.statuses import RunStatus, is_failed

logger = logging.getLogger(__name__)


class Run:
    """Carries out one assignment.

    Args:
        assignment: what to do.
        site: what the runs of the node share.
    """

    def __init__(self, assignment: Assignment, site: Site) -> None:
        self.assignment, self._site = assignment, site
        self._reports = RunReports(assignment, site)
        self._activating: asyncio.Task[None] | None = None
        self._reporting = self._killed = False
        self._task: asyncio.Task[None] | None = None
        self._printed = self._stage = ""

    def __str__(self) -> str:
        return str(self._reports)

    @property
    def obstacle(self) -> str:
        """What keeps it from getting on, in words; empty if nothing does."""
        return self._reports.obstacle or self._stage

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
            await self._tell_killed()
        except (ServerForgot, NodeRefused) as error:
            logger.warning("%s is not reported: %s", self, error)
        except Exception as error:  # a refusal, or a defect of ours: never a run that hangs
            self._reporting = True
            await self._fail(error)
        finally:
            if self._activating is not None:
                self._activating.cancel()
            await asyncio.to_thread(self._site.workspace.close, self.assignment.run_id)

    def _forget_cancellation(self) -> None:
        assert self._task is not None
        self._task.uncancel()

    async def _tell_killed(self) -> None:
        try:
            await self._reports.tell(RunStatus.KILLED, finished_at=now())
        except NodeError as error:
            logger.warning("%s is killed, and that is not reported: %s", self, error)

    async def _fail(self, error: Exception) -> None:
        """Have a run end whose outcome cannot be reported."""
        try:
            if isinstance(error, ServerRefused) and await self._reports.has_ended():
                logger.debug("%s has ended already: %s", self, error)
                return
            is_known = isinstance(error, NodeError)
            logger.warning("%s cannot be reported: %s", self, error, exc_info=not is_known)
            await self._reports.report_failure(str(error) or repr(error), self._printed)
        except NodeError as other:
            logger.warning("%s is not reported: %s", self, other)

    async def _carry_out(self) -> Outcome:
        """Have it made, as soon as there is a place, and the server takes note of the start."""
        delays = backoff()
        while True:
            self._stage = f"it waits until one of {self._site.places.number} places is free"
            async with self._site.places.place() as place:
                self._stage = ""
                try:
                    answer, content = await self._reports.begin(), await self._reports.input()
                except ServerRefused as refusal:
                    if not is_passing(refusal.status):
                        raise
                except ServerAway as away:
                    logger.debug("%s does not begin yet: %s", self, away)
                else:
                    if isinstance(answer, ServerRefused):
                        note = f"node > no token for the algorithm: {answer}\n"
                        return Outcome(RunStatus.FAILED, note)
                    token = str(answer.json["container_token"])
                    return await self._execute_safely(token, content, place)
            await asyncio.sleep(next(delays))  # meanwhile another run has the place

    async def _execute_safely(self, token: str, content: AnyText, place: Place) -> Outcome:
        try:
            self._site.allowed.check(self.assignment.image)
            contract, form = await self._contract(token, content)
            return await self._execute(token, contract, form, place)
        except RunError as error:
            return Outcome.of(error)
        except Exception:  # a full disk, say, or a defect of ours: never a run that hangs
            logger.exception("%s failed", self)
            return Outcome(RunStatus.FAILED, f"node > {traceback.format_exc()}")

    async def _execute(self, token: str, contract: Contract, form: str, place: Place) -> Outcome:
        visitor = Visitor(
            self.assignment.run_id,
            place.give_back,
            task_id=self.assignment.task_id,
            parent_id=self.assignment.parent_id,
            say=partial(self._say, contract.log_file),
        )
        if self._site.cryptor.encrypted and form == "unknown":
            visitor.notes.append(
                "the input, once decrypted, is in no known format: was it changed on its way, or "
                "encrypted for another key?"
            )
        self._site.proxy.admit(token, visitor)
        following = asyncio.create_task(
            follow(
                self._site.link,
                self.assignment.run_id,
                contract.log_file,
                self._site.limits.max_log,
            )
        )
        try:
            outcome = await self._site.habits.execute(
                self._site.executor.run, contract, self._started
            )
        finally:
            following.cancel()
            self._site.proxy.dismiss(token)
        on_this_host = isinstance(self._site.executor, OnThisHost)
        hinted = await asyncio.to_thread(
            lambda: list(hints(outcome, contract.database, on_this_host=on_this_host))
        )
        notes = "".join(f"node > {note}\n" for note in (*visitor.notes, *hinted))
        return Outcome(outcome.status, outcome.log + notes, outcome.output)

    def _say(self, log: Path, line: str) -> None:
        """Add a line to the log of the algorithm while it runs, and to the node's."""
        logger.warning("%s: %s", self, line)
        with suppress(OSError):  # the disk may be full, or the algorithm have put a pipe there
            append(log, f"node > {line}\n")

    async def _opened(self, content: AnyText) -> bytes:
        """The input in plain; a long text of it is let go of."""
        limit = self._site.limits.max_input
        if (size := payload_size(content)) > limit:
            raise InputTooLarge(describe_excess("input", size, limit, "max_input"))
        try:
            opened = await asyncio.to_thread(self._site.cryptor.decrypt, content)
        except UnreadablePayload as error:
            raise UnreadableInput(f"the input cannot be opened: {error}") from error
        if isinstance(content, LongText):
            content.clear()
        return opened

    async def _contract(self, token: str, content: AnyText) -> tuple[Contract, str]:
        """What the executor is told, its files made; and the format of the input."""
        site, wanted = self._site, self.assignment
        opened = await self._opened(content)
        databases = site.habits.databases(wanted, site.databases)
        database = databases.pick(wanted.database)
        try:
            folder = await asyncio.to_thread(site.workspace.open, wanted.run_id, opened, token)
            temporary = site.workspace.temporary(wanted.job_id)
        except OSError as error:
            raise NoRoom(str(error)) from error
        contract = Contract(
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
            limits=site.limits,
        )
        return contract, format_of(opened)

    def _started(self) -> None:
        self._activating = asyncio.create_task(self._reports.tell(RunStatus.ACTIVE))

    async def _report(self, outcome: Outcome) -> None:
        self._printed = outcome.log
        if self._activating is not None:
            await self._activating
        outcome, result = await self._sealed(outcome)
        self._leaves("log", (), outcome.log.encode())
        await self._reports.emit(outcome.status)
        await self._reports.report(
            result=result, log=outcome.log, status=outcome.status, finished_at=now()
        )

    async def _sealed(self, outcome: Outcome) -> tuple[Outcome, AnyText]:
        """The outcome, and its output as it is to be sent; a failure if that cannot be sealed."""
        receiver, limit = self.assignment.initiator_id, self._site.limits.max_result
        if (size := len(outcome.output)) > limit:
            return _failed(outcome, describe_excess("result", size, limit, "max_result")), ""
        try:
            key = await self._public_key(receiver) if self._site.cryptor.encrypted else ""
            result = await asyncio.to_thread(self._site.cryptor.encrypt, outcome.output, key)
        except (WrongKey, ServerRefused) as error:
            note = f"the result cannot be encrypted for organization {receiver}: {error}"
            return _failed(outcome, note), ""
        self._leaves("result", () if receiver is None else (receiver,), outcome.output)
        return outcome, result

    async def _public_key(self, organization_id: int | None) -> str:
        answer = await self._reports.ask("GET", f"organization/{organization_id}")
        return answer.json["public_key"] or ""

    def _leaves(self, kind: Any, receivers: tuple[int, ...], content: bytes) -> None:
        run = self.assignment
        self._site.witness(
            Departure(
                self._site.node_id, run.run_id, kind, receivers, content, run.task_id, run.parent_id
            )
        )


def _failed(outcome: Outcome, note: str) -> Outcome:
    """The same outcome without its output, which cannot be reported; a note says why."""
    status = outcome.status if is_failed(outcome.status) else RunStatus.FAILED
    return Outcome(status, f"{outcome.log}node > {note}\n")
