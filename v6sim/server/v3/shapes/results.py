"""The shapes of results, as runs are called on this wire."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlmodel import col, select
from typing_extensions import TypedDict

from v6sim.server.store import texts
from v6sim.server.store.chunks import chunks
from v6sim.server.store.facts import NodeFacts, Place, TaskFacts, facts_of
from v6sim.server.store.tables import Port, Run, Task
from v6sim.server.v3.links import Link, View, moment
from v6sim.server.v3.shapes.ports import PortInResultShape, port_in_result
from v6sim.server.v3.shapes.tasks import BareTaskShape, bare_task_shapes


class NodeMiniShape(TypedDict, total=False):
    """The node that a run is for; empty if there is none."""

    id: int
    name: str | None
    ip: str | None
    status: str | None


class ResultCoreShape(TypedDict):
    """What all shapes of a result have in common."""

    id: int
    input: str | None
    result: str | None
    log: str | None
    status: str | None
    assigned_at: str | None
    started_at: str | None
    finished_at: str | None
    node: NodeMiniShape
    ports: list[PortInResultShape]


class ResultInTaskShape(ResultCoreShape):
    """A result within its task."""

    organization: int | None


class ResultPlainShape(ResultInTaskShape):
    """A result in the list of a task; task and organization are plain ids."""

    task: int | None


class ResultShape(ResultCoreShape):
    """A result."""

    organization: Link | None
    task: Link | None


class TaskWithResultsShape(BareTaskShape):
    """A task with its results."""

    results: list[ResultInTaskShape]


class ResultWithTaskShape(ResultCoreShape):
    """A result with its task."""

    organization: Link | None
    task: BareTaskShape | None


def result_shapes(view: View, runs: Sequence[Run]) -> list[ResultShape]:
    """Results on the wire."""
    return [
        {
            **row,
            "organization": view.link("organization", run.organization_id),
            "task": view.link("task", run.task_id),
        }
        for row, run in zip(_rows(view, runs), runs, strict=True)
    ]


def results_with_task(view: View, runs: Sequence[Run]) -> list[ResultWithTaskShape]:
    """Results with the tasks they belong to."""
    tasks = _tasks(view, runs)
    shapes = {shape["id"]: shape for shape in bare_task_shapes(view, list(tasks.values()))}
    return [
        {
            **row,
            "organization": view.link("organization", run.organization_id),
            "task": shapes.get(run.task_id or 0),
        }
        for row, run in zip(_rows(view, runs), runs, strict=True)
    ]


def result_plain_shapes(view: View, runs: Sequence[Run]) -> list[ResultPlainShape]:
    """Results in the list of a task."""
    return [
        {**row, "organization": run.organization_id, "task": run.task_id}
        for row, run in zip(_rows(view, runs), runs, strict=True)
    ]


def tasks_with_results(view: View, tasks: Sequence[Task]) -> list[TaskWithResultsShape]:
    """Tasks with their results."""
    statement = select(Run).where(col(Run.task_id).in_([task.id for task in tasks]))
    runs = view.session.exec(statement.order_by(col(Run.id))).all()
    results: dict[int | None, list[ResultInTaskShape]] = defaultdict(list)
    for row, run in zip(_rows(view, runs), runs, strict=True):
        results[run.task_id].append({**row, "organization": run.organization_id})
    return [{**bare, "results": results[bare["id"]]} for bare in bare_task_shapes(view, tasks)]


def _rows(view: View, runs: Sequence[Run]) -> list[ResultCoreShape]:
    """What all shapes have in common."""
    facts = facts_of(view.session)
    ports: dict[int, list[Any]] = {}
    if facts.are_ports(view.session):
        keys = [run.id for run in runs]
        ports = view.related(Port.run_id, Port.id, keys, Port.port, Port.label)
    tasks = facts.tasks(view.session, {run.task_id for run in runs if run.task_id is not None})
    nodes = facts.nodes(view.session)
    text = _texts(view, runs)
    return [
        {
            "id": run.id,
            "input": text(run, "input"),
            "result": text(run, "result"),
            "log": text(run, "log"),
            "status": run.status,
            "assigned_at": moment(run.assigned_at),
            "started_at": moment(run.started_at),
            "finished_at": moment(run.finished_at),
            "node": _node(nodes.get(_place(run, tasks.get(run.task_id or 0)))),
            "ports": [port_in_result(*port) for port in ports.get(run.id, ())],
        }
        for run in runs
    ]


def _texts(view: View, runs: Sequence[Run]) -> Callable[[Run, texts.TextField], Any]:
    """What gives the texts of some runs; the answer has long ones in pieces."""
    long = texts.long_texts(view.session, [run.id for run in runs])
    return lambda run, field: long.get((run.id, field)) or getattr(run, field)


def _place(run: Run, task: TaskFacts | None) -> Place:
    return run.organization_id, task.collaboration_id if task else None


def _node(node: NodeFacts | None) -> NodeMiniShape:
    if node is None:
        return {}
    return {"id": node.id, "name": node.name, "ip": node.ip, "status": node.status}


def _tasks(view: View, runs: Sequence[Run]) -> dict[int, Task]:
    """The tasks of some runs."""
    found: dict[int, Task] = {}
    for chunk in chunks({run.task_id for run in runs if run.task_id is not None}):
        rows = view.session.exec(select(Task).where(col(Task.id).in_(chunk)))
        found.update({task.id: task for task in rows})
    return found
