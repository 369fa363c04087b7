"""Stopping what runs."""

from collections.abc import Sequence

from sqlmodel import col, select

from v6sim.server.access.decisions import Target
from v6sim.server.errors import Invalid
from v6sim.server.events import KillRequested, RunToKill
from v6sim.server.operations.call import Call
from v6sim.server.store.find import find, members
from v6sim.server.store.tables import Identity, Node, Run, Task
from v6sim.server.store.texts import defer_texts
from v6sim.wire.statuses import UNFINISHED, RunStatus, task_status


def kill_task(call: Call, task_id: object) -> None:
    """Stop a task and its direct subtasks: their runs are over at once."""
    task = find(call.session, Task, task_id)
    if _is_finished(call, task):
        raise Invalid(f"task {task.id} has finished already")
    inside = members(call.session, task.collaboration_id)
    call.require("task.kill", Target(f"task {task.id}", task.initiator_id, inside))
    runs = _runs_of(call, task)
    _order(call, task, runs)
    _mark(call, runs)
    call.commit()


def kill_before_deletion(call: Call, task: Task) -> None:
    """Stop a task, with its direct subtasks, unless it has finished.

    Its own runs are not marked, as they go: that would take room for a copy of all they hold.
    """
    if not _is_finished(call, task):
        runs = _runs_of(call, task)
        _order(call, task, runs)
        _mark(call, [run for run in runs if run.task_id != task.id])


def kill_subtasks(call: Call, parent_id: int, initiator_id: int | None) -> None:
    """Stop what is open of the subtasks that the run of one organization has made."""
    statement = (
        select(Run)
        .join(Task)
        .where(
            Task.parent_id == parent_id,
            Task.initiator_id == initiator_id,
            col(Run.finished_at).is_(None),
        )
    )
    statement = statement.options(*defer_texts())
    runs = call.session.exec(statement.order_by(col(Run.id))).all()
    if runs:
        _order(call, find(call.session, Task, parent_id), runs)
        _mark(call, runs)


def _is_finished(call: Call, task: Task) -> bool:
    statuses = call.session.exec(select(Run.status).where(Run.task_id == task.id)).all()
    return task_status(statuses) not in UNFINISHED


def _runs_of(call: Call, task: Task) -> Sequence[Run]:
    """The runs of a task and of its direct subtasks; also those that have ended, as upstream."""
    subtasks = call.session.exec(select(Task.id).where(Task.parent_id == task.id))
    concerned = col(Run.task_id).in_([task.id, *subtasks])
    statement = select(Run).where(concerned).options(*defer_texts())
    return call.session.exec(statement.order_by(col(Run.id))).all()


def _order(call: Call, task: Task, runs: Sequence[Run]) -> None:
    """Have those runs stopped that have not ended."""
    orders = tuple(
        RunToKill(run.task_id or 0, run.id, run.organization_id)
        for run in runs
        if run.finished_at is None
    )
    call.publish(KillRequested(task.collaboration_id, orders))


def _mark(call: Call, runs: Sequence[Run]) -> None:
    """Take down that runs have been killed."""
    now = call.core.clock.utc()
    for run in runs:
        run.status, run.finished_at = RunStatus.KILLED, now
        call.session.add(run)
    call.session.flush()


def kill_node_tasks(call: Call, node_id: object) -> None:
    """Have a node stop all it runs; what becomes of the runs is for the node to report."""
    node = find(call.session, Node, node_id)
    if find(call.session, Identity, node.id).status != "online":
        raise Invalid(f"node {node.id} is not online, so nothing can be stopped there")
    inside = members(call.session, node.collaboration_id)
    call.require("node.kill", Target(f"node {node.id}", node.organization_id, inside))
    call.publish(KillRequested(node.collaboration_id, node_id=node.id))
    call.commit()
