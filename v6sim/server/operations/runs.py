"""Runs: the executions of a task, one at each organization."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.errors import Invalid
from v6sim.server.events import RunUpdated
from v6sim.server.operations.call import Call, Later
from v6sim.server.operations.kills import kill_subtasks
from v6sim.server.store.facts import TaskFacts, facts_of
from v6sim.server.store.find import collaborations_of, find, members
from v6sim.server.store.tables import Run, Task


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
    if run.finished_at is not None:
        raise Invalid(f"run {run.id} has finished already ({run.status})")
    report = said()
    started_at = report.get("started_at", run.started_at)
    if run.started_at and started_at != run.started_at and run.task_id:
        kill_subtasks(call, run.task_id, run.organization_id)  # its node died, and begins it anew
    run.started_at = started_at
    run.status = report.get("status", run.status)
    run.finished_at = report.get("finished_at")
    run.result = report.get("result")
    run.log = report.get("log")
    call.session.add(run)
    call.session.flush()
    if task := _task(call.session, run):
        has_ended = run.finished_at is not None
        is_last = has_ended and is_complete(call.session, task)
        call.publish(
            RunUpdated(run.id, task.id, task.collaboration_id, run.status, has_ended, is_last)
        )
    call.commit()
    return run


def is_complete(session: Session, task: Task | TaskFacts) -> bool:
    """Whether all runs of a task have finished; so has a task without runs."""
    open_runs = select(Run.id).where(Run.task_id == task.id, col(Run.finished_at).is_(None))
    return session.exec(open_runs.limit(1)).first() is None


def target(call: Call, run: Run) -> Target:
    """A run, as far as it matters for a decision."""
    task = _task(call.session, run)
    inside = members(call.session, task.collaboration_id) if task else frozenset()
    return Target(f"run {run.id}", run.organization_id, inside)


def _task(session: Session, run: Run) -> TaskFacts | None:
    if run.task_id is None:
        return None
    return facts_of(session).tasks(session, [run.task_id]).get(run.task_id)
