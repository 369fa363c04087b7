"""Ending runs on the server's side: those that no node can end."""

from sqlmodel import Session, col, select

from v6sim.server.events import RunUpdated
from v6sim.server.operations.call import Call
from v6sim.server.store import texts
from v6sim.server.store.facts import TaskFacts, facts_of
from v6sim.server.store.tables import Run, Task
from v6sim.wire.long_text import AnyText, pieces_of
from v6sim.wire.statuses import RunStatus


def end_run(call: Call, run: Run, reason: str, log: AnyText | None = None) -> None:
    """End an open run as failed; the caller commits.

    Args:
        call: whose call it is.
        run: which run.
        reason: why nobody else ends it, for the run's log.
        log: what the algorithm printed; default is what is known of it so far.
    """
    printed = "".join(pieces_of(log or "")) or call.core.logs.of(run.id)
    separator = "" if not printed or printed.endswith("\n") else "\n"
    run.status, run.finished_at = RunStatus.FAILED, call.core.clock.utc()
    texts.put(call.session, run, "result", None)
    texts.put(call.session, run, "log", f"{printed}{separator}server > {reason}\n")
    call.session.add(run)
    call.session.flush()
    publish_update(call, run)


def publish_update(call: Call, run: Run) -> None:
    """Have everybody told that a run has changed, once that is stored."""
    if task := task_of(call.session, run):
        has_ended = run.finished_at is not None
        is_last = has_ended and is_complete(call.session, task)
        call.publish(
            RunUpdated(run.id, task.id, task.collaboration_id, run.status, has_ended, is_last)
        )


def is_complete(session: Session, task: Task | TaskFacts) -> bool:
    """Whether all runs of a task have finished; so has a task without runs."""
    open_runs = select(Run.id).where(Run.task_id == task.id, col(Run.finished_at).is_(None))
    return session.exec(open_runs.limit(1)).first() is None


def task_of(session: Session, run: Run) -> TaskFacts | None:
    """The task that a run is a part of, if there still is one."""
    if run.task_id is None:
        return None
    return facts_of(session).tasks(session, [run.task_id]).get(run.task_id)
