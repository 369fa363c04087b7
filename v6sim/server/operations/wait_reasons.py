"""What tasks wait for: open runs, and what keeps each of them from its end."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from v6sim.server.operations.call import Core
from v6sim.server.store import texts
from v6sim.server.store.facts import NodeFacts, facts_of
from v6sim.server.store.tables import Organization, Run, Task
from v6sim.wire.statuses import RunStatus
from v6sim.wire.wait_reasons import OpenRun


def find_open_runs(core: Core, session: Session, task: Task) -> list[OpenRun]:
    """Return the open runs of a task and of all below it that wait for no other run.

    Args:
        core: the server's shared parts.
        session: the database.
        task: the task.
    """
    found = list(_open_runs(session, task))
    masters = {(below.parent_id, below.initiator_id) for _, below in found}
    leaves = [(run, of) for run, of in found if (of.id, run.organization_id) not in masters]
    nodes = facts_of(session).nodes(session)
    names = _organizations(session, (run.organization_id for run, _ in leaves))
    waiting = {run.id for run, of in found if (of.id, run.organization_id) in masters}
    under_way = {
        place: [each for each in ids if each not in waiting]
        for place, ids in _under_way(session).items()
    }
    return [
        _open_run(core, run, of, nodes.get((run.organization_id, of.collaboration_id)), names,
                  under_way.get((run.organization_id, of.collaboration_id), ()))
        for run, of in leaves
    ]  # fmt: skip


def _open_run(
    core: Core, run: Run, task: Task, node: NodeFacts | None, names: Mapping[int | None, str],
    under_way: Iterable[int],
) -> OpenRun:  # fmt: skip
    others = tuple(each for each in under_way if each != run.id)
    return OpenRun(
        run.id,
        task.id,
        run.status or RunStatus.PENDING,
        organization=names.get(run.organization_id, ""),
        node=(node.name or str(node.id)) if node else "",
        node_status=(node.status or "") if node else "",
        others=others,
        obstacle=_obstacle(core, run.id, node),
    )


def _obstacle(core: Core, run_id: int, node: NodeFacts | None) -> str:
    """What keeps a run from getting on, as far as anybody here knows."""
    known = (obstacle(run_id, node.id if node else None) for obstacle in core.obstacles)
    if text := next(filter(None, known), ""):
        return text
    if node and (reason := core.hindrances.of(node.id)):
        return reason
    reports = core.journal.requests(method="PATCH", path=f"/result/{run_id}", by="node")
    if reports and reports[-1].status >= 400:
        return f"its report is answered {reports[-1].status}"
    return ""


def _open_runs(session: Session, task: Task) -> Iterable[tuple[Run, Task]]:
    """The open runs of a task and of all below it, each with its task."""
    level, seen = [task.id], {task.id}
    while level:
        statement = (
            select(Run, Task)
            .join(Task)
            .where(col(Run.task_id).in_(level), col(Run.finished_at).is_(None))
            .options(*texts.defer_texts())
            .order_by(col(Run.id))
        )
        yield from session.exec(statement)
        below = session.exec(select(Task.id).where(col(Task.parent_id).in_(level)))
        level = [key for key in below if key not in seen]
        seen.update(level)


def _under_way(session: Session) -> Mapping[tuple[int | None, int | None], list[int]]:
    """The ids of the runs that are under way, by organization and collaboration."""
    found: defaultdict[tuple[int | None, int | None], list[int]] = defaultdict(list)
    statement = (
        select(Run.id, Run.organization_id, Task.collaboration_id)
        .join(Task)
        .where(Run.status == RunStatus.ACTIVE, col(Run.finished_at).is_(None))
        .order_by(col(Run.id))
    )
    for run_id, *place in session.exec(statement):
        found[place[0], place[1]].append(run_id)
    return found


def _organizations(session: Session, keys: Iterable[Any]) -> dict[int | None, str]:
    statement = select(Organization.id, Organization.name)
    rows = session.exec(statement.where(col(Organization.id).in_(set(keys))))
    return {key: name or "" for key, name in rows}
