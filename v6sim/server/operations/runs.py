"""Runs: the executions of a task, one at each organization."""

from collections.abc import Mapping
from typing import Any, NoReturn

from sqlmodel import col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.errors import Invalid, TooLarge
from v6sim.server.operations.call import Call, Later
from v6sim.server.operations.endings import end_run, is_complete, publish_update, task_of
from v6sim.server.operations.kills import kill_subtasks
from v6sim.server.store import texts
from v6sim.server.store.find import collaborations_of, find, members
from v6sim.server.store.tables import Run, Task
from v6sim.wire.log_excerpt import shorten_log
from v6sim.wire.long_payload import payload_size
from v6sim.wire.long_text import AnyText

__all__ = ["is_complete", "of_task", "refuse_report", "report", "target", "view", "visible"]


def visible(call: Call) -> Any:
    """The runs that the caller may see."""
    statement = select(Run).join(Task)
    if Reach.ANYTHING in call.reaches("run.view"):
        return statement
    own = collaborations_of(call.caller.organization_id)
    return statement.where(col(Task.collaboration_id).in_(own))


def view(call: Call, run_id: int) -> Run:
    """One run."""
    run = find(call.session, Run, run_id)
    call.require("run.view", target(call, run))
    return run


def of_task(call: Call, task_id: int) -> Any:
    """The runs of a task."""
    task = find(call.session, Task, task_id)
    inside = members(call.session, task.collaboration_id)
    call.require("run.list of task", Target(f"task {task.id}", task.initiator_id, inside))
    return select(Run).where(Run.task_id == task.id)


def report(call: Call, run_id: int, received: Later[object], said: Later[Mapping[str, Any]]) -> Run:
    """Store what a node says of a run.

    Args:
        call: whose call it is.
        run_id: which run.
        received: reads what was sent, which has to be possible before anything is decided.
        said: any of started_at, finished_at, result, log and status. What is absent of result,
            log and finished_at becomes empty, as upstream (reference: server-api, section 3.10).
    """
    run = find(call.session, Run, run_id)
    received()
    call.require("run.report", target(call, run))
    _check_open(run)
    report = said()
    _check_size(call, run, report)
    started_at = report.get("started_at", run.started_at)
    if run.started_at and started_at != run.started_at and run.task_id:
        kill_subtasks(call, run.task_id, run.organization_id)  # its node died, and begins it anew
    run.started_at = started_at
    run.status = report.get("status", run.status)
    run.finished_at = report.get("finished_at")
    texts.put(call.session, run, "result", report.get("result"))
    texts.put(call.session, run, "log", _log(call, report))
    call.session.add(run)
    call.session.flush()
    publish_update(call, run)
    call.commit()
    return run


def refuse_report(call: Call, run_id: int, error: TooLarge) -> NoReturn:
    """Refuse a report whose body is too large to be read; as its node gives up, its run ends.

    Args:
        call: whose call it is.
        run_id: which run.
        error: how large the body is.

    Raises:
        TooLarge: always, unless the run is not the caller's, or has finished.
    """
    run = find(call.session, Run, run_id)
    call.require("run.report", target(call, run))
    _check_open(run)
    limit = call.core.settings.max_result
    size = None if error.size is None else error.size * 3 // 4  # nearly all of it is base64
    if size is None or size > limit:
        error = TooLarge("result", size, limit, "max_result")
    _end(call, run, error)


def end_unstorable(call: Call, run_id: int, problem: str) -> None:
    """End a run whose report no database takes, as its node gives up.

    Args:
        call: whose call it is.
        run_id: which run.
        problem: what cannot be stored.
    """
    run = find(call.session, Run, run_id)
    if run.finished_at is None:
        end_run(call, run, f"the report on this run cannot be stored: {problem}")
        call.commit()


def _check_open(run: Run) -> None:
    if run.finished_at is not None:
        raise Invalid(f"run {run.id} has finished already ({run.status})")


def _check_size(call: Call, run: Run, report: Mapping[str, Any]) -> None:
    """Make sure that a result is not too large; else its run ends, as its node gives up."""
    size, limit = payload_size(report.get("result") or ""), call.core.settings.max_result
    if size > limit:
        _end(call, run, TooLarge("result", size, limit, "max_result"), _log(call, report))


def _end(call: Call, run: Run, error: TooLarge, log: AnyText | None = None) -> NoReturn:
    end_run(call, run, str(error), log)
    call.commit()
    raise error


def _log(call: Call, report: Mapping[str, Any]) -> AnyText | None:
    log: AnyText | None = report.get("log")
    return log and shorten_log(log, call.core.settings.max_log)


def target(call: Call, run: Run) -> Target:
    """A run, as far as it matters for a decision."""
    task = task_of(call.session, run)
    inside = members(call.session, task.collaboration_id) if task else frozenset()
    return Target(f"run {run.id}", run.organization_id, inside)
