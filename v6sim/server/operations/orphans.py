"""Subtasks whose master is gone: its node died, and nobody would ever stop them."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from v6sim.server.operations.call import Call, Core
from v6sim.server.operations.kills import kill_subtasks
from v6sim.server.store.tables import Node, Run, Task

_Master = tuple[int, int]
"""The task of a master, and the organization at which it runs."""


class Orphans:
    """Stops the subtasks of masters whose nodes stay away.

    A node that comes back in time begins its master anew, which stops them too (see `runs`).

    Args:
        core: the server's shared parts.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._since: dict[_Master, float] = {}
        """When the node of a master with open subtasks was first missed."""

    def look(self, present: Collection[int]) -> None:
        """Stop what is due.

        Args:
            present: the ids of the nodes that are connected.
        """
        patience = self._core.settings.orphan_seconds
        if not patience:
            return
        now = self._core.clock.now().timestamp()
        with self._core.store.session() as session:
            missed = {master for master, node in _masters(session) if node not in present}
            self._since = {master: self._since.get(master, now) for master in missed}
            due = [master for master, since in self._since.items() if now - since >= patience]
            call = Call(self._core, session)
            for parent_id, initiator_id in due:
                kill_subtasks(call, parent_id, initiator_id)
            if due:
                call.commit()


def _masters(session: Session) -> list[tuple[_Master, int]]:
    """The masters that are under way and have open subtasks, and their nodes."""
    open_ = col(Run.finished_at).is_(None)
    subtasks = (
        select(Task.parent_id, Task.initiator_id, Task.collaboration_id)
        .join(Run)
        .where(col(Task.parent_id).is_not(None), open_)
        .distinct()
        .subquery()
    )
    statement = (
        select(subtasks.c.parent_id, subtasks.c.initiator_id, Node.id)
        .join(Node, col(Node.collaboration_id) == subtasks.c.collaboration_id)
        .join(Run, col(Run.task_id) == subtasks.c.parent_id)
        .where(
            Node.organization_id == subtasks.c.initiator_id,
            Run.organization_id == subtasks.c.initiator_id,
            open_,
        )
    )
    return [((parent, initiator), node) for parent, initiator, node in session.exec(statement)]
