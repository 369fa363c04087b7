"""The shapes of tasks."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import TypedDict

from v6sim.server.store.tables import Run, Task
from v6sim.server.v3.links import Link, View
from v6sim.wire.statuses import task_status


class BareTaskShape(TypedDict):
    """A task without its results; `initiator` and `init_user` are plain ids."""

    id: int
    name: str | None
    description: str | None
    image: str | None
    database: str | None
    run_id: int | None
    collaboration: Link | None
    initiator: int | None
    init_user: int | None
    parent: Link | None
    children: list[Link] | None
    complete: bool
    status: str


class TaskShape(BareTaskShape):
    """A task."""

    results: list[Link] | None


def task_shapes(view: View, tasks: Sequence[Task]) -> list[TaskShape]:
    """Tasks on the wire."""
    runs = _runs(view, tasks)
    return [
        {**bare, "results": view.links("result", [run[0] for run in runs.get(bare["id"], ())])}
        for bare in _bare(view, tasks, runs)
    ]


def bare_task_shapes(view: View, tasks: Sequence[Task]) -> list[BareTaskShape]:
    """Tasks on the wire, without their results."""
    return _bare(view, tasks, _runs(view, tasks))


def _runs(view: View, tasks: Sequence[Task]) -> dict[int, list[Any]]:
    """Id, status and end of the runs of each task."""
    keys = [task.id for task in tasks]
    return view.related(Run.task_id, Run.id, keys, Run.status, Run.finished_at)


def _bare(view: View, tasks: Sequence[Task], runs: dict[int, list[Any]]) -> list[BareTaskShape]:
    children = view.related(Task.parent_id, Task.id, [task.id for task in tasks])
    return [
        {
            "id": task.id,
            "name": task.name,
            "description": task.description,
            "image": task.image,
            "database": task.databases[0] if task.databases else "",
            "run_id": task.job_id,
            "collaboration": view.link("collaboration", task.collaboration_id),
            "initiator": task.initiator_id,
            "init_user": task.init_user_id,
            "parent": view.link("task", task.parent_id),
            "children": view.links("task", children.get(task.id, ())),
            "complete": all(end is not None for _, _, end in runs.get(task.id, ())),
            "status": task_status([status for _, status, _ in runs.get(task.id, ())]),
        }
        for task in tasks
    ]
