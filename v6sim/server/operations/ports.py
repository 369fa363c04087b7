"""Ports that algorithms listen on."""

from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from v6sim.server.access.actions import Reach
from v6sim.server.access.decisions import Target
from v6sim.server.operations.call import Call
from v6sim.server.operations.nodes import of_run
from v6sim.server.store.find import collaborations_of, find, look
from v6sim.server.store.tables import Port, Run, Task


def visible(call: Call) -> Any:
    """The ports that the caller may see."""
    statement = select(Port).outerjoin(Run).outerjoin(Task)
    if Reach.ANYTHING in call.reaches("port.list"):
        return statement
    own = collaborations_of(call.caller.organization_id)
    return statement.where(col(Task.collaboration_id).in_(own))


def view(call: Call, port_id: int) -> Port:
    """One port."""
    call.require("port.view")
    return find(call.session, Port, port_id)


def create(call: Call, run_id: object, port: str | None, label: str | None) -> Port:
    """Note that a run of the calling node listens on a port."""
    run = _own_run(call, run_id)
    row = Port(port=port, run_id=run.id, label=label)
    call.session.add(row)
    call.commit()
    return row


def remove(call: Call, run_id: object) -> None:
    """Forget the ports of a run of the calling node."""
    run = _own_run(call, run_id)
    call.session.execute(delete(Port).where(col(Port.run_id) == run.id))
    call.commit()


def _own_run(call: Call, run_id: object) -> Run:
    run = find(call.session, Run, run_id)
    task = look(call.session, Task, run.task_id)
    node = of_run(call.session, run.organization_id, task.collaboration_id if task else None)
    call.require("port.edit", Target(f"ports of run {run.id}", identity_id=node and node.id))
    return run
