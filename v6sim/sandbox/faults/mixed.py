"""The habits of one node, made of all its troubles."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from v6sim.node.assignment import Assignment
from v6sim.node.contract import Contract
from v6sim.node.data import Databases
from v6sim.node.executors.base import Outcome
from v6sim.node.habits import Execute, Habits, Report, Send

if TYPE_CHECKING:
    from v6sim.sandbox.faults.trouble import Trouble


class Mixed(Habits):
    """A node with any number of troubles; the last one is the outermost."""

    def __init__(self) -> None:
        self.troubles: list[Trouble] = []

    def overlooks(self, assignment: Assignment) -> bool:
        """Whether any trouble has it overlooked; all are asked, as they count."""
        return True in [each.overlooks(assignment) for each in self.troubles]

    def databases(self, assignment: Assignment, databases: Databases) -> Databases:
        """The data as all troubles together leave them."""
        for each in self.troubles:
            databases = each.databases(assignment, databases)
        return databases

    async def execute(
        self, run: Execute, contract: Contract, started: Callable[[], None]
    ) -> Outcome:
        """Have an algorithm run from start to end."""
        for each in self.troubles:
            run = partial(each.execute, run)
        return await run(contract, started)

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:
        """Bring a report to the server."""
        for each in self.troubles:
            send = partial(each.deliver, assignment, send=send)
        await send(report)
