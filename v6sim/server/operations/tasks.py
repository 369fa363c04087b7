"""Tasks: making them, seeing them, deleting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import sqlalchemy
from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.callers import ContainerCaller
from v6sim.server.access.decisions import Target
from v6sim.server.errors import Invalid, TooLarge
from v6sim.server.events import TaskCreated, TaskDeleted
from v6sim.server.operations.call import Call, Later
from v6sim.server.operations.endings import end_hindered
from v6sim.server.operations.kills import kill_before_deletion
from v6sim.server.operations.runs import is_complete
from v6sim.server.store import texts
from v6sim.server.store.find import collaborations_of, column, find, look, members
from v6sim.server.store.tables import Collaboration, Job, Node, Port, Run, Task
from v6sim.wire.excerpt import excerpt
from v6sim.wire.long_payload import payload_size
from v6sim.wire.long_text import LONG, AnyText, LongText
from v6sim.wire.statuses import RunStatus


@dataclass(frozen=True)
class Order:
    """What one organization is to work on; `input` is a text, passed on unopened."""

    organization_id: int
    input: object = None


@dataclass(frozen=True)
class Details:
    """What else there is to say about a task that somebody asks for.

    Args:
        name: for people.
        description: for people.
        image: which algorithm.
        databases: labels of the data it is to run on.
        only_own: send it to the caller's own organization alone, though others are named.
    """

    name: str | None = ""
    description: str | None = ""
    image: str | None = ""
    databases: Sequence[str | None] = ()
    only_own: bool = False


def visible(call: Call) -> Any:
    """The tasks that the caller may see."""
    if Reach.ANYTHING in call.reaches("task.view"):
        return select(Task)
    own = collaborations_of(call.caller.organization_id)
    return select(Task).where(col(Task.collaboration_id).in_(own))


def view(call: Call, task_id: int) -> Task:
    """One task."""
    task = find(call.session, Task, task_id)
    call.require("task.view", target(call.session, task))
    return task


def create(
    call: Call, collaboration_id: object, orders: Later[Sequence[Order]], details: Later[Details]
) -> Task:
    """Make a task, with a run at each organization it is sent to.

    Args:
        call: whose call it is.
        collaboration_id: where it is to run.
        orders: at which organizations, with which input.
        details: what else there is to say about it.
    """
    collaboration = find(call.session, Collaboration, collaboration_id)
    inside = members(call.session, collaboration.id)
    wanted = orders()
    _check_organizations(call.session, collaboration, wanted, inside)
    where = Target(f"in collaboration {collaboration.id}", members=inside)
    caller = call.caller
    if isinstance(caller, ContainerCaller):
        new = details()
        task = _subtask(call, caller, new, collaboration)
    else:
        call.require("task.create", where)
        new = details()
        task = Task(initiator_id=caller.organization_id, init_user_id=caller.id)
        wanted = _own_order(call, wanted) if new.only_own else wanted
    _check_inputs(call, wanted)
    _store(call, task, new, collaboration)
    _send(call, task, wanted)
    sent_to = tuple(order.organization_id for order in wanted)
    call.publish(
        TaskCreated(task.id, task.job_id or 0, collaboration.id, task.initiator_id, sent_to)
    )
    end_hindered(call, task, sent_to)
    call.commit()
    return task


def remove(call: Call, task_id: int) -> None:
    """Delete a task and its runs, which are stopped first; its subtasks stay."""
    task = find(call.session, Task, task_id)
    call.require("task.delete", target(call.session, task))
    erase(call, task)
    call.commit()


def erase(call: Call, task: Task) -> None:
    """Delete a task, once it is decided that it goes; what is under way of it is stopped first."""
    session = call.session
    kill_before_deletion(call, task)
    runs = select(Run.id).where(Run.task_id == task.id)
    session.execute(update(Port).where(col(Port.run_id).in_(runs)).values(run_id=None))
    texts.remove(session, runs)
    session.execute(delete(Run).where(col(Run.task_id) == task.id))
    session.execute(update(Task).where(col(Task.parent_id) == task.id).values(parent_id=None))
    session.delete(task)
    session.flush()
    others = session.exec(select(Task.id).where(Task.job_id == task.job_id).limit(1)).first()
    if others is None:
        session.execute(delete(Job).where(col(Job.id) == task.job_id))
    call.publish(TaskDeleted(task.id))


def target(session: Session, task: Task) -> Target:
    """A task, as far as it matters for a decision."""
    inside = members(session, task.collaboration_id)
    return Target(f"task {task.id}", task.initiator_id, inside)


def _check_organizations(
    session: Session, collaboration: Collaboration, orders: Sequence[Order], inside: frozenset[int]
) -> None:
    wanted = [order.organization_id for order in orders]
    if strangers := [key for key in wanted if key not in inside]:
        raise Invalid(
            f"organization {excerpt(strangers[0])} is not in collaboration {collaboration.id}; "
            f"those are: {sorted(inside)}"
        )
    if len(set(wanted)) < len(wanted):
        raise Invalid("an organization is named twice: name each once")
    statement = select(Node.organization_id).where(Node.collaboration_id == collaboration.id)
    served = set(session.exec(statement))
    if alone := [key for key in wanted if key not in served]:
        raise Invalid(f"organization {alone[0]} has no node in collaboration {collaboration.id}")


def _subtask(
    call: Call, caller: ContainerCaller, new: Details, collaboration: Collaboration
) -> Task:
    """A task below the one whose container asks for it; its initiator is that of the node."""
    session = call.session
    parent, node = look(session, Task, caller.task_id), look(session, Node, caller.id)
    inside = members(session, collaboration.id)
    obstacle = ""
    if parent is None:
        obstacle = f"its task {caller.task_id} no longer exists"
    elif node is None or node.organization_id not in inside:
        obstacle = f"its node {caller.id} is no longer in the collaboration"
    elif not (new.image or "").endswith(caller.image or ""):
        obstacle = (
            f"a subtask has to use the image {excerpt(caller.image)}, not {excerpt(new.image)}"
        )
    elif collaboration.id != caller.collaboration_id:
        obstacle = f"a subtask has to be in collaboration {caller.collaboration_id}"
    elif is_complete(session, parent):
        obstacle = f"its task {parent.id} is complete"
    target = Target(f"in collaboration {collaboration.id}", members=inside)
    call.require("subtask.create", target, obstacle)
    assert parent is not None
    assert node is not None
    return Task(
        parent_id=parent.id, job_id=parent.job_id, init_user_id=parent.init_user_id,
        initiator_id=node.organization_id,
    )  # fmt: skip


def _own_order(call: Call, orders: Sequence[Order]) -> list[Order]:
    here = call.caller.organization_id
    own = [order for order in orders if order.organization_id == here]
    if not own:
        _use_up_ids(call)
        raise Invalid(
            f"a master task runs at one's own organization ({here}), which is not among those named"
        )
    return own


def _check_inputs(call: Call, orders: Sequence[Order]) -> None:
    for number, order in enumerate(orders):
        if order.input is not None and not isinstance(order.input, str | LongText):
            _use_up_ids(call, number)
            raise Invalid(f"an input has to be a text, not {excerpt(order.input)}")
    limit = call.core.settings.max_input
    for order in orders:
        if (size := payload_size(cast("AnyText", order.input or ""))) > limit:
            raise TooLarge("input", size, limit, "max_input")


def _use_up_ids(call: Call, runs: int = 0) -> None:
    """Skip the ids that the genuine server spends on a task, and its runs, it refuses half-way.

    Ids of later tasks then agree (reference: server-api, section 4, no. 8).
    """
    session = call.session
    task = Task(job_id=_new_job(session))  # of which the genuine server keeps the number
    session.add(task)
    session.flush()
    wasted = [Run(task_id=task.id) for _ in range(runs)]
    session.add_all(wasted)
    session.flush()
    for row in [*wasted, task]:
        session.delete(row)
        session.flush()
    call.commit()


def _new_job(session: Session) -> int:
    """The number after the highest one: that of a deleted task comes again, as upstream."""
    key = column(Job.id)
    number = (session.execute(_highest_job()).scalar() or 0) + 1
    session.execute(insert(key.table), {"id": number})
    return int(number)


@cache
def _highest_job() -> Any:
    """The statement for that, made once."""
    return sqlalchemy.select(func.max(column(Job.id)))


def _store(call: Call, task: Task, new: Details, collaboration: Collaboration) -> None:
    task.name, task.description, task.image = new.name, new.description, new.image
    task.databases = list(new.databases)
    task.collaboration_id = collaboration.id
    task.job_id = task.job_id or _new_job(call.session)
    call.session.add(task)
    call.session.flush()


def _send(call: Call, task: Task, orders: Sequence[Order]) -> None:
    now = call.core.clock.utc()
    runs = [
        Run(
            task_id=task.id, organization_id=order.organization_id,
            input=_short(order.input), status=RunStatus.PENDING, assigned_at=now,
        )
        for order in orders
    ]  # fmt: skip
    call.session.add_all(runs)
    call.session.flush()
    for run, order in zip(runs, orders, strict=True):
        if run.input is None and order.input is not None:
            texts.put(call.session, run, "input", cast("AnyText", order.input))


def _short(given: object) -> str | None:
    """An input that stands in the row of its run."""
    return given if isinstance(given, str) and len(given) <= LONG else None
