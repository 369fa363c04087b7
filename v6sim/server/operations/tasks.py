"""Tasks: making them, seeing them, deleting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.callers import Caller, ContainerCaller, UserCaller
from v6sim.server.access.decisions import Target
from v6sim.server.errors import Invalid
from v6sim.server.events import TaskCreated, TaskDeleted
from v6sim.server.operations.call import Call
from v6sim.server.operations.kills import kill_runs
from v6sim.server.operations.runs import is_complete
from v6sim.server.store.find import collaborations_of, find, look, members
from v6sim.server.store.tables import Collaboration, Job, Node, Port, Run, Task
from v6sim.wire.statuses import RunStatus


@dataclass(frozen=True)
class Order:
    """What one organization is to work on; `input` is a text, passed on unopened."""

    organization_id: int
    input: object = None


@dataclass(frozen=True)
class NewTask:
    """A task that somebody asks for.

    Args:
        collaboration_id: where it is to run.
        orders: at which organizations, with which input.
        name: for people.
        description: for people.
        image: which algorithm.
        databases: labels of the data it is to run on.
        only_own: send it to the caller's own organization alone, though others are named.
    """

    collaboration_id: object
    orders: Sequence[Order]
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


def create(call: Call, new: NewTask) -> Task:
    """Make a task, with a run at each organization it is sent to."""
    collaboration = find(call.session, Collaboration, new.collaboration_id)
    inside = members(call.session, collaboration.id)
    _check_organizations(call.session, collaboration, new.orders, inside)
    caller, where = call.caller, Target(f"in collaboration {collaboration.id}", members=inside)
    parent = None
    if isinstance(caller, ContainerCaller):
        parent = look(call.session, Task, caller.task_id)
        obstacle = _obstacle(call.session, caller, new, collaboration, parent)
        call.require("subtask.create", where, obstacle)
    else:
        call.require("task.create", where)
    orders = _own_order(call, caller, new) if new.only_own and not parent else new.orders
    _check_inputs(call, orders)
    task = _store(call, new, collaboration, parent)
    _send(call, task, orders)
    call.publish(TaskCreated(task.id, task.job_id or 0, collaboration.id, task.initiator_id or 0))
    call.commit()
    return task


def remove(call: Call, task_id: int) -> None:
    """Delete a task and its runs, which are stopped first; its subtasks stay."""
    task = find(call.session, Task, task_id)
    call.require("task.delete", target(call.session, task))
    erase(call, task)
    call.commit()


def erase(call: Call, task: Task) -> None:
    """Delete a task, once it is decided that it goes."""
    session = call.session
    kill_runs(call, [task])
    runs = select(Run.id).where(Run.task_id == task.id)
    session.execute(delete(Port).where(col(Port.run_id).in_(runs)))
    session.execute(delete(Run).where(col(Run.task_id) == task.id))
    session.execute(update(Task).where(col(Task.parent_id) == task.id).values(parent_id=None))
    session.delete(task)
    session.flush()
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
            f"organization {strangers[0]!r} is not in collaboration {collaboration.id}; "
            f"those are: {sorted(inside)}"
        )
    if len(set(wanted)) < len(wanted):
        raise Invalid("an organization is named twice: name each once")
    statement = select(Node.organization_id).where(Node.collaboration_id == collaboration.id)
    served = set(session.exec(statement))
    if alone := [key for key in wanted if key not in served]:
        raise Invalid(f"organization {alone[0]} has no node in collaboration {collaboration.id}")


def _obstacle(
    session: Session,
    caller: ContainerCaller,
    new: NewTask,
    collaboration: Collaboration,
    parent: Task | None,
) -> str:
    """What stands in the way of a subtask; empty if nothing does."""
    if parent is None:
        return f"its task {caller.task_id} no longer exists"
    if not (new.image or "").endswith(caller.image or ""):
        return f"a subtask has to use the image {caller.image!r}, not {new.image!r}"
    if collaboration.id != caller.collaboration_id:
        return f"a subtask has to be in collaboration {caller.collaboration_id}"
    if is_complete(session, parent):
        return f"its task {parent.id} is complete"
    return ""


def _own_order(call: Call, caller: Caller, new: NewTask) -> list[Order]:
    own = [order for order in new.orders if order.organization_id == caller.organization_id]
    if not own:
        _use_up_ids(call)
        raise Invalid(
            f"a master task runs at one's own organization ({caller.organization_id}), "
            "which is not among those named"
        )
    return own


def _check_inputs(call: Call, orders: Sequence[Order]) -> None:
    for number, order in enumerate(orders):
        if order.input is not None and not isinstance(order.input, str):
            _use_up_ids(call, number)
            raise Invalid(f"an input has to be a text, not {order.input!r}")


def _use_up_ids(call: Call, runs: int = 0) -> None:
    """Skip the ids that the genuine server spends on a task, and its runs, it refuses half-way.

    Ids of later tasks then agree (reference: server-api, section 4, no. 8).
    """
    session = call.session
    job = Job()
    session.add(job)
    session.flush()
    task = Task(job_id=job.id)
    session.add(task)
    session.flush()
    wasted = [Run(task_id=task.id) for _ in range(runs)]
    session.add_all(wasted)
    session.flush()
    for row in [*wasted, task, job]:
        session.delete(row)
        session.flush()
    call.commit()


def _store(call: Call, new: NewTask, collaboration: Collaboration, parent: Task | None) -> Task:
    caller = call.caller
    task = Task(
        name=new.name, description=new.description, image=new.image,
        databases=list(new.databases), collaboration_id=collaboration.id,
        initiator_id=caller.organization_id,
    )  # fmt: skip
    if parent:
        task.parent_id, task.job_id = parent.id, parent.job_id
        task.init_user_id = parent.init_user_id
    else:
        job = Job()
        call.session.add(job)
        call.session.flush()
        task.job_id = job.id
        task.init_user_id = caller.id if isinstance(caller, UserCaller) else None
    call.session.add(task)
    call.session.flush()
    return task


def _send(call: Call, task: Task, orders: Sequence[Order]) -> None:
    now = call.core.clock.utc()
    for order in orders:
        given = cast("str | None", order.input)
        call.session.add(
            Run(
                task_id=task.id, organization_id=order.organization_id, input=given,
                status=RunStatus.PENDING, assigned_at=now,
            )
        )  # fmt: skip
        call.session.flush()
