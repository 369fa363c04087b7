"""One run: what it was given, what came of it, what it printed, and where it ran."""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response

from v6sim.inspector import payloads
from v6sim.inspector.asks import Ask
from v6sim.inspector.visitors import Visitor
from v6sim.server.operations.nodes import of_run
from v6sim.server.store.find import look
from v6sim.server.store.tables import Collaboration, Organization, Run, Task

_TAIL = 60_000  # characters of a log on the page


async def show(ask: Ask) -> Response:
    """A run."""
    with ask.seeing() as seen:
        run = seen.run(ask.number("key"))
        task = look(seen.session, Task, run.task_id)
        organization = look(seen.session, Organization, run.organization_id)
        collaboration = look(seen.session, Collaboration, task.collaboration_id) if task else None
        node = of_run(seen.session, run.organization_id, task.collaboration_id) if task else None
    encrypted = bool(collaboration and collaboration.encrypted)
    log, workers = _log(ask, run), ask.house.server.workers
    given, result = await asyncio.gather(
        payloads.show(run.input, encrypted=encrypted, workers=workers),
        payloads.show(run.result, encrypted=encrypted, workers=workers),
    )
    return ask.page(
        "run", run=run, task=task, organization=organization, collaboration=collaboration,
        node=node, given=given, result=result,
        log=log[-_TAIL:], log_length=len(log), is_log_cut=len(log) > _TAIL,
        environment=_environment(ask, run), may_see_environment=_is_own(ask.visitor, run),
    )  # fmt: skip


def send_log(ask: Ask) -> Response:
    """All that a run has printed, as a text."""
    with ask.seeing() as seen:
        run = seen.run(ask.number("key"))
    return Response(_log(ask, run), media_type="text/plain; charset=utf-8")


def _log(ask: Ask, run: Run) -> str:
    return run.log or "" if run.finished_at else ask.core.logs.of(run.id)


def _environment(ask: Ask, run: Run) -> Mapping[str, str] | None:
    """Its variables, as its node tells them; None if that is not known."""
    return ask.core.environments.of(run.id) if _is_own(ask.visitor, run) else None


def _is_own(visitor: Visitor, run: Run) -> bool:
    """Whether a run is one of the visitor's organization; the API tells nobody where runs are."""
    caller = visitor.caller
    is_of_theirs = caller is not None and caller.organization_id == run.organization_id
    return visitor.sees_all or is_of_theirs
