"""What a visitor may see: what the API would show them, found in the same way."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from v6sim.server.access.callers import Caller
from v6sim.server.access.records import Records
from v6sim.server.errors import Refused
from v6sim.server.operations import collaborations, nodes, organizations, roles, runs, tasks, users
from v6sim.server.operations.call import Call, Core
from v6sim.server.store.chunks import chunks
from v6sim.server.store.tables import (
    Collaboration,
    Identity,
    Member,
    Node,
    Organization,
    Role,
    Run,
    Task,
    User,
)

T = TypeVar("T")


@dataclass(frozen=True)
class RunFacts:
    """A run without what it worked on, which may be large."""

    id: int
    task_id: int
    organization_id: int | None
    status: str | None
    assigned_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.finished_at is None


_FACTS = (
    Run.id, Run.task_id, Run.organization_id, Run.status, Run.assigned_at, Run.started_at,
    Run.finished_at,
)  # fmt: skip


class Seen:
    """Looks things up for a visitor.

    Its decisions are not noted among those of the API.

    Args:
        core: the server's shared parts.
        session: the database.
        caller: as whom the visitor sees things.
    """

    def __init__(self, core: Core, session: Session, caller: Caller) -> None:
        self.session = session
        self.call = Call(replace(core, records=Records()), session, caller)

    def organizations(self) -> dict[int, Organization]:
        """Organizations, by id."""
        found = self._rows(organizations.visible, Organization.id)
        return {each.id: each for each in found}

    def collaborations(self) -> dict[int, Collaboration]:
        """Collaborations, by id."""
        found = self._rows(collaborations.visible, Collaboration.id)
        return {each.id: each for each in found}

    def members(self, collaboration_ids: Collection[int]) -> list[Member]:
        """Who takes part in collaborations that one sees."""
        condition = col(Member.collaboration_id).in_(collaboration_ids)
        return list(self.session.exec(select(Member).where(condition)))

    def nodes(self, collaboration_ids: Iterable[int]) -> list[tuple[Node, Identity]]:
        """Nodes that one sees in the list of them, or in those of collaborations."""
        keys = {node.id for node in self._rows(nodes.visible)}
        for key in collaboration_ids:
            keys |= {node.id for node in self._nodes_of(key)}
        statement = select(Node, Identity).join(Identity).where(col(Node.id).in_(keys))
        return list(self.session.exec(statement.order_by(col(Node.id))))

    def users(self) -> list[User]:
        """Users."""
        return self._rows(users.visible, User.id)

    def roles(self) -> list[Role]:
        """Roles."""
        return self._rows(roles.visible, Role.id)

    def tasks(self, *conditions: Any, most: int | None = None) -> list[Task]:
        """Tasks that fit, the newest first."""
        statement = self._allowed(lambda: tasks.visible(self.call))
        if statement is None:
            return []
        return list(
            self.session.exec(
                statement.where(*conditions).order_by(col(Task.id).desc()).limit(most)
            )
        )

    def task(self, key: int) -> Task:
        """A task.

        Raises:
            NotFound: there is none.
            Refused: it is not for this visitor.
        """
        return tasks.view(self.call, key)

    def below(self, roots: list[Task], most: int) -> list[Task]:
        """The tasks below some, at all depths, the oldest first; no more than that many."""
        found, level = dict[int, Task](), [task.id for task in roots]
        while level and len(found) < most:
            children = self.tasks(col(Task.parent_id).in_(level), most=most - len(found))
            level = [task.id for task in children if task.id not in found]
            found.update((task.id, task) for task in children)
        return sorted(found.values(), key=lambda task: task.id)

    def run(self, key: int) -> Run:
        """A run with all that belongs to it.

        Raises:
            NotFound: there is none.
            Refused: it is not for this visitor.
        """
        return runs.view(self.call, key)

    def runs(self, *conditions: Any) -> list[RunFacts]:
        """What there is to know of the runs that fit, in order."""
        statement = self._allowed(lambda: runs.visible(self.call))
        if statement is None:
            return []
        wanted = statement.where(*conditions).order_by(col(Run.id)).with_only_columns(*_FACTS)
        return [RunFacts(*row) for row in self.session.execute(wanted)]

    def runs_of(self, task_ids: Collection[int]) -> dict[int, list[RunFacts]]:
        """The runs of tasks, by the ids of these."""
        found: dict[int, list[RunFacts]] = {key: [] for key in task_ids}
        for some in chunks(task_ids):
            for run in self.runs(col(Run.task_id).in_(some)):
                found[run.task_id].append(run)
        return found

    def _nodes_of(self, collaboration_id: int) -> list[Node]:
        statement = self._allowed(lambda: collaborations.nodes(self.call, collaboration_id))
        return [] if statement is None else list(self.session.exec(statement))

    def _rows(self, visible: Callable[[Call], Any], order: Any = None) -> list[Any]:
        statement = self._allowed(lambda: visible(self.call))
        if statement is None:
            return []
        return list(self.session.exec(statement.order_by(order)))

    def _allowed(self, look: Callable[[], T]) -> T | None:
        """What is found; None if the visitor may see none of it."""
        try:
            return look()
        except Refused:
            return None
