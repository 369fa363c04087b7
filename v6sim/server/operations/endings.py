"""Ending runs on the server's side: those that no node can end."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from v6sim.server.events import KillRequested, RunToKill, RunUpdated
from v6sim.server.operations.call import Call, Core
from v6sim.server.store import texts
from v6sim.server.store.facts import TaskFacts, facts_of
from v6sim.server.store.find import column, look
from v6sim.server.store.tables import Node, Run, Task
from v6sim.wire.long_text import AnyText, iterate_pieces
from v6sim.wire.statuses import RunStatus


def end_runs_of_node(call: Call, node: Node, reason: str) -> None:
    """End the open runs of a node that will not finish them; the caller commits.

    Args:
        call: whose call it is.
        node: the node, in the place where its runs are.
        reason: why it will not, for their logs.
    """
    if node.organization_id is not None and node.collaboration_id is not None:
        end_runs_at(call, node.collaboration_id, [node.organization_id], reason)


def end_runs_at(
    call: Call, collaboration_id: int, organization_ids: Collection[int] | None, reason: str
) -> None:
    """End the open runs of organizations in a collaboration; the caller commits.

    Subtasks of theirs are stopped, and so is what a node still runs.

    Args:
        call: whose call it is.
        collaboration_id: the collaboration.
        organization_ids: the organizations; None for all.
        reason: why nobody can finish the runs, for their logs.
    """
    statement = (
        select(Run)
        .join(Task)
        .where(Task.collaboration_id == collaboration_id, col(Run.finished_at).is_(None))
        .options(*texts.defer_texts())
        .order_by(col(Run.id))
    )
    if organization_ids is not None:
        statement = statement.where(col(Run.organization_id).in_(organization_ids))
    if runs := call.session.exec(statement).all():
        _end_with_subtasks(call, collaboration_id, runs, reason)


def _end_with_subtasks(call: Call, collaboration_id: int, runs: Sequence[Run], reason: str) -> None:
    stopped = [RunToKill(run.task_id or 0, run.id, run.organization_id) for run in runs]
    for run in runs:
        end_run(call, run, reason)
    for run in runs:
        for subtask_run in _of_subtasks(call.session, run):
            stopped.append(
                RunToKill(subtask_run.task_id or 0, subtask_run.id, subtask_run.organization_id)
            )
            parent = f"it is part of a task whose master, run {run.id}, was ended: {reason}"
            end_run(call, subtask_run, parent)
    call.publish(KillRequested(collaboration_id, tuple(stopped)))


def _of_subtasks(session: Session, master: Run) -> Sequence[Run]:
    """The open runs of the subtasks that a run has made."""
    statement = (
        select(Run)
        .join(Task)
        .where(
            Task.parent_id == master.task_id,
            Task.initiator_id == master.organization_id,
            col(Run.finished_at).is_(None),
        )
        .options(*texts.defer_texts())
    )
    return session.exec(statement.order_by(col(Run.id))).all()


def hinder_node(core: Core, node_id: int, reason: str) -> None:
    """Take down that a node will not work any more, and end its open runs.

    Args:
        core: the server's shared parts.
        node_id: the node; it may be deleted meanwhile.
        reason: why not.
    """
    core.hindrances.note(node_id, reason)
    with core.store.session() as session:
        if (node := look(session, Node, node_id)) is not None:
            call = Call(core, session)
            end_runs_of_node(call, node, reason)
            call.commit()


def end_hindered(call: Call, task: Task, organization_ids: Collection[int]) -> None:
    """End the runs of a new task whose nodes are known to be unable to work; the caller commits."""
    if not call.core.hindrances:
        return
    statement = select(Node).where(
        Node.collaboration_id == task.collaboration_id,
        col(Node.organization_id).in_(organization_ids),
    )
    for node in call.session.exec(statement):
        if reason := call.core.hindrances.of(node.id):
            of_node = select(Run).where(
                Run.task_id == task.id, Run.organization_id == node.organization_id
            )
            for run in call.session.exec(of_node):
                end_run(call, run, reason)


def end_run(call: Call, run: Run, reason: str, log: AnyText | None = None) -> None:
    """End an open run as failed; the caller commits.

    Args:
        call: whose call it is.
        run: which run.
        reason: why nobody else ends it, for the run's log.
        log: what the algorithm printed; default is what is known of it so far.
    """
    printed = _storable("".join(iterate_pieces(log or "")) or call.core.logs.of(run.id))
    separator = "" if not printed or printed.endswith("\n") else "\n"
    run.status, run.finished_at = RunStatus.FAILED, call.core.clock.utc()
    texts.put(call.session, run, "result", None)
    texts.put(call.session, run, "log", f"{printed}{separator}server > {reason}\n")
    call.session.add(run)
    call.session.flush()
    publish_update(call, run)


def _storable(text: str) -> str:
    """The text as every database takes it."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def publish_update(call: Call, run: Run) -> None:
    """Have everybody told that a run has changed, once that is stored."""
    if task := task_of(call.session, run):
        has_ended = run.finished_at is not None
        is_last = has_ended and is_complete(call.session, task)
        call.publish(
            RunUpdated(run.id, task.id, task.collaboration_id, run.status, has_ended, is_last)
        )


def is_complete(session: Session, task: Task | TaskFacts) -> bool:
    """Whether all runs of a task have finished, as far as flushed; so has a task without runs."""
    return session.execute(_open_run(), {"task": task.id}).first() is None


@cache
def _open_run() -> Any:
    """The statement for that, made once: making it takes longer than carrying it out."""
    of_task = column(Run.task_id) == bindparam("task")
    is_open = column(Run.finished_at).is_(None)
    return sqlalchemy.select(column(Run.id)).where(of_task, is_open).limit(1)


def task_of(session: Session, run: Run) -> TaskFacts | None:
    """The task that a run is a part of, if there still is one."""
    if run.task_id is None:
        return None
    return facts_of(session).tasks(session, [run.task_id]).get(run.task_id)
