"""One run: what it was given, what came of it, what it printed, and where it ran."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from sqlmodel import Session
from starlette.responses import Response

from v6sim.inspector import payloads
from v6sim.inspector.asks import Ask
from v6sim.inspector.visitors import Visitor
from v6sim.runtime.worker_pool import WorkerPool
from v6sim.server.operations.nodes import of_run
from v6sim.server.store.find import look
from v6sim.server.store.tables import Collaboration, Organization, Run, Task
from v6sim.server.store.texts import TextField, text_of
from v6sim.wire.long_text import AnyText, iterate_pieces

_TAIL = 60_000  # characters of a log on the page
_PAYLOADS: tuple[TextField, TextField] = ("input", "result")


async def show(ask: Ask) -> Response:
    """A run."""
    with ask.seeing() as seen:
        run = seen.run(ask.number("key"))
        task = look(seen.session, Task, run.task_id)
        organization = look(seen.session, Organization, run.organization_id)
        collaboration = look(seen.session, Collaboration, task.collaboration_id) if task else None
        node = of_run(seen.session, run.organization_id, task.collaboration_id) if task else None
        texts = [text_of(seen.session, run, field) for field in _PAYLOADS]
        log = _log(ask, seen.session, run)
    encrypted = bool(collaboration and collaboration.encrypted)
    workers = ask.house.server.workers
    given, result = await asyncio.gather(
        *(_shown(text, encrypted=encrypted, workers=workers) for text in texts)
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
        log = _log(ask, seen.session, seen.run(ask.number("key")))
    return Response(log, media_type="text/plain; charset=utf-8")


def _log(ask: Ask, session: Session, run: Run) -> str:
    if run.finished_at is None:
        return ask.core.logs.of(run.id)
    return "".join(iterate_pieces(text_of(session, run, "log")))


async def _shown(text: AnyText, *, encrypted: bool, workers: WorkerPool) -> payloads.Shown:
    """A payload to be read; one that is far too long for that is not even fetched."""
    if isinstance(text, str) or text.size <= payloads.LONGEST:
        whole = "".join(iterate_pieces(text))
        return await payloads.show(whole, encrypted=encrypted, workers=workers)
    if encrypted:
        begun = await payloads.show(next(iter(text)), encrypted=True, workers=workers)
        return replace(begun, size=text.size)
    begin, *_, end = text.ends()
    return payloads.too_large(begin, end, text.size)


def _environment(ask: Ask, run: Run) -> Mapping[str, str] | None:
    """Its variables, as its node tells them; None if that is not known."""
    return ask.core.environments.of(run.id) if _is_own(ask.visitor, run) else None


def _is_own(visitor: Visitor, run: Run) -> bool:
    """Whether a run is one of the visitor's organization; the API tells nobody where runs are."""
    caller = visitor.caller
    is_of_theirs = caller is not None and caller.organization_id == run.organization_id
    return visitor.sees_all or is_of_theirs
