"""Which run is meant: where an algorithm is, or was, at work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from sqlmodel import select

from v6sim.sandbox.arguments import UnknownName, WrongArgument, shown
from v6sim.sandbox.tasks import RunningTask, TaskResult
from v6sim.server.operations.call import Core
from v6sim.server.operations.logins import token_at
from v6sim.server.operations.nodes import of_run
from v6sim.server.store.tables import Organization, Run, Task
from v6sim.views import RunView, TaskView
from v6sim.world.nearest import choices

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """A run of a task, as people name it.

    Args:
        task_id: which task, if that is named.
        run_id: which run, if that is named.
        organization: at which organization; None: at the first one.
    """

    task_id: int | None = None
    run_id: int | None = None
    organization: str | None = None

    @classmethod
    def of(cls, named: Any, organization: str | None) -> Self:
        """What somebody names: a task, its outcome, its id, or a run.

        Raises:
            WrongArgument: it is something else.
        """
        if isinstance(named, RunView):
            return cls(run_id=named.id)
        if isinstance(named, TaskResult):
            named = named.task
        key = named.id if isinstance(named, RunningTask | TaskView) else named
        if not isinstance(key, int) or isinstance(key, bool):
            raise WrongArgument(
                f"as_container({shown(named)}): a task, as sandbox.submit gives it, its id, or one "
                "of its runs is expected"
            )
        return cls(key, organization=organization)

    def choose(self, runs: Mapping[str, T]) -> T:
        """The one that is meant among the runs of the task, by organization.

        Raises:
            UnknownName: there is none.
        """
        if not runs:
            raise UnknownName(f"there is no task {self.task_id}, or it has no runs")
        wanted = self.organization or next(iter(runs))
        if wanted not in runs:
            raise UnknownName(
                f"task {self.task_id} does not run at {shown(wanted)}; {choices(str(wanted), runs)}"
            )
        return runs[wanted]


def container_token(core: Core, place: Place) -> str:
    """The token of an algorithm, made here: also of a task that has ended.

    Raises:
        UnknownName: there is no such run, or no node at which it could be.
    """
    with core.store.session() as session:
        if place.run_id is not None:
            run = session.get(Run, place.run_id)
            if run is None:
                raise UnknownName(f"there is no run {place.run_id}")
        else:
            statement = select(Organization.name, Run).where(Run.task_id == place.task_id)
            found = session.exec(statement.join(Run).order_by(Run.id))  # type: ignore[arg-type]
            run = place.choose({name or "": each for name, each in found})
        task = session.get(Task, run.task_id)
        node = of_run(session, run.organization_id, task.collaboration_id) if task else None
        if task is None or node is None:
            raise UnknownName(f"run {run.id} has no node at which it could be")
        return token_at(core, node, task)
