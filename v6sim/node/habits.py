"""How a node goes about its work, where a node could also go about it otherwise."""

from collections.abc import Awaitable, Callable
from typing import Any

from v6sim.node.assignment import Assignment
from v6sim.node.contract import Contract
from v6sim.node.data import Databases
from v6sim.node.executors.base import Outcome

Report = dict[str, Any]
"""What a node tells its server of a run: fields of `PATCH result/<id>`."""

Execute = Callable[[Contract, Callable[[], None]], Awaitable[Outcome]]
"""Runs an algorithm from start to end; see `Executor.run`."""

Send = Callable[[Report], Awaitable[None]]
"""Brings a report to the server; raises `ServerRefused` if it is not taken."""


class Habits:
    """A reliable node. Tests give nodes worse habits (docs/testing.md)."""

    def overlooks(self, assignment: Assignment) -> bool:  # noqa: ARG002
        """Whether an open run is not taken up; at the next look for work it is asked again."""
        return False

    def databases(self, assignment: Assignment, databases: Databases) -> Databases:  # noqa: ARG002
        """The data that a run gets, of what the node has."""
        return databases

    async def execute(
        self, run: Execute, contract: Contract, started: Callable[[], None]
    ) -> Outcome:
        """Have an algorithm run from start to end."""
        return await run(contract, started)

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:  # noqa: ARG002
        """Bring a report on a run to the server; the last one has `finished_at`."""
        await send(report)
