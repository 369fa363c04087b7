"""The first page: the federation as a picture and as tables, and what goes on in it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import col
from starlette.responses import Response

from v6sim.inspector.asks import Ask
from v6sim.inspector.picture import NodeMark, OrganizationMark, draw
from v6sim.inspector.rendering import many
from v6sim.inspector.seen import RunFacts, Seen
from v6sim.inspector.traffic import Traffic
from v6sim.server.store.tables import Collaboration, Identity, Member, Node, Organization, Run, Task
from v6sim.wire.statuses import RunStatus

_MOST = 8  # tasks of late


_Place = tuple[int | None, int | None]
"""Ids of an organization and a collaboration."""


@dataclass(frozen=True)
class _Work:
    """Ids of the tasks that nodes have to do with right now, by the nodes' places.

    Args:
        working: those that they work on.
        waiting: those that wait for them.
        reported: those of which they have just reported.
        sent: those that organizations have just sent, by their ids.
    """

    working: dict[_Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[_Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    reported: dict[_Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    sent: dict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))

    def of(self, run: RunFacts) -> dict[_Place, list[int]]:
        """To which of them a run counts."""
        if not run.is_open:
            return self.reported
        is_working = run.started_at or run.status == RunStatus.ACTIVE
        return self.working if is_working else self.waiting


@dataclass(frozen=True)
class Federation:
    """What the visitor sees of the federation."""

    organizations: Mapping[int, Organization]
    collaborations: Mapping[int, Collaboration]
    members: list[Member]
    marks: list[OrganizationMark]
    numbers: Mapping[int | None, int]

    @property
    def summary(self) -> str:
        """The picture in words."""
        nodes = [node for mark in self.marks for node in mark.nodes]
        states = [f"{sum(node.state == state for node in nodes)} {state}" for state in _STATES]
        said = (
            f"{many(len(self.organizations), 'organization')} around the server, "
            f"{many(len(nodes), 'node')}: {', '.join(states)}."
        )
        flows = [
            f"{node.name}: {node.flow_text or node.label}."
            for mark in self.marks
            for node in mark.nodes
            if node.flow
        ]
        return " ".join([said, *flows])


_STATES = ("online", "busy", "offline")


def show(ask: Ask) -> Response:
    """The federation."""
    with ask.seeing() as seen:
        federation = _federation(seen, ask.house.live.traffic)
        tasks = seen.tasks(most=_MOST)
        runs = seen.runs_of([task.id for task in tasks])
        return ask.page(
            "federation", federation=federation, picture=draw(federation.marks), tasks=tasks,
            runs=runs,
        )  # fmt: skip


def _federation(seen: Seen, traffic: Traffic) -> Federation:
    organizations, collaborations = seen.organizations(), seen.collaborations()
    nodes = seen.nodes(collaborations)
    numbers: dict[int | None, int] = {key: number for number, key in enumerate(collaborations)}
    for node, _ in nodes:
        numbers.setdefault(node.collaboration_id, len(numbers))
    work = _work(seen, traffic)
    by_organization: dict[int | None, list[NodeMark]] = defaultdict(list)
    for node, identity in nodes:
        by_organization[node.organization_id].append(_mark(node, identity, numbers, work))
    serving = {
        *by_organization,
        *(member.organization_id for member in seen.members(collaborations)),
    }
    marks = [
        OrganizationMark(key, row.name or "", by_organization[key], work.sent.get(key, []))
        for key, row in organizations.items()
        if key in serving or work.sent.get(key)
    ]
    return Federation(organizations, collaborations, seen.members(collaborations), marks, numbers)


def _mark(
    node: Node, identity: Identity, numbers: Mapping[int | None, int], work: _Work
) -> NodeMark:
    here = (node.organization_id, node.collaboration_id)
    state = "online" if identity.status == "online" else "offline"
    if state == "online" and work.working.get(here):
        state = "busy"
    return NodeMark(
        node.id, node.name or "", numbers[node.collaboration_id], state,
        work.working.get(here, []), work.waiting.get(here, []), work.reported.get(here, []),
    )  # fmt: skip


def _work(seen: Seen, traffic: Traffic) -> _Work:
    runs = seen.runs(col(Run.finished_at).is_(None) | col(Run.id).in_(traffic.reported))
    keys = {run.task_id for run in runs} | traffic.sent
    tasks = {task.id: task for task in seen.tasks(col(Task.id).in_(keys))}
    found = _Work()
    for run in runs:
        if task := tasks.get(run.task_id):
            found.of(run)[run.organization_id, task.collaboration_id].append(task.id)
    for key in traffic.sent:
        if task := tasks.get(key):
            found.sent[task.initiator_id].append(task.id)
    return found
