"""The same task on one organization that holds all rows, to compare the results."""

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from v6sim.cli.bench import Bench
from v6sim.cli.failures import Mistake
from v6sim.cli.request import Request
from v6sim.wire.payload import UnreadablePayload

if TYPE_CHECKING:
    from v6sim.testing.pooled import Difference
    from v6sim.views import TaskView


@dataclass(frozen=True)
class Comparison:
    """How a federated result compares with the pooled one.

    Args:
        task: the task on all rows.
        rows: how many there are.
        differences: where the results differ.
        problem: why the results cannot be compared; empty if they can.
    """

    task: "TaskView"
    rows: int
    differences: "tuple[Difference, ...]" = ()
    problem: str = ""

    @property
    def is_same(self) -> bool:
        """Whether there is a pooled result, and it is the federated one."""
        return self.task.is_good and not self.differences and not self.problem

    def __str__(self) -> str:
        """As people are told."""
        if not self.task.is_good:
            return f"pooled: on all {self.rows} rows together it is {self.task.status}"
        if self.problem:
            return f"pooled: the results cannot be compared: {self.problem}"
        if not self.differences:
            return f"pooled: the same on all {self.rows} rows together"
        from v6sim.testing.pooled import listed

        return f"pooled: not the same on all {self.rows} rows together:{listed(self.differences)}"

    def row(self) -> dict[str, Any]:
        """As programs are told."""
        from v6sim.cli import outcome

        row = {
            "task": outcome.row(self.task),
            "rows": self.rows,
            "differences": [each.row() for each in self.differences],
        }
        return {**row, "problem": self.problem} if self.problem else row


class Pooled:
    """One organization that holds all rows of a federation; a context manager.

    Args:
        request: what is run.
        data: the files of the federation.
    """

    def __init__(self, request: Request, data: Mapping[str, str]) -> None:
        self._request, self._data = request, data
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start it."""
        from v6sim.node.folders import new_folder
        from v6sim.testing.pooled import POOLED

        with ExitStack() as stack:
            folder = new_folder("pooled")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self._file = folder / "all.csv"
            self._write()
            self._bench = stack.enter_context(Bench(self._request, {POOLED: str(self._file)}))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it."""
        self._stack.close()

    def compare(self, federated: "TaskView") -> Comparison:
        """Run it on all rows as they are now, and compare."""
        from v6sim.testing.pooled import differences

        rows = self._write()
        task = self._bench.run(lambda client, ticket: client.wait(ticket)).task
        if not task.is_good:
            return Comparison(task, rows)
        [one, other], tolerances = (federated.runs[0], task.runs[0]), self._request.tolerances
        try:
            found = differences(one.result, other.result, limits=one.limits, **tolerances)
        except UnreadablePayload as error:
            return Comparison(task, rows, problem=str(error))
        return Comparison(task, rows, tuple(found))

    def _write(self) -> int:
        """Write all rows into one file; returns how many there are."""
        from v6sim.sandbox import WrongArgument
        from v6sim.testing.pooled import rows_of

        try:
            rows = rows_of(self._data.values())
        except WrongArgument as error:
            raise Mistake(f"--pooled: {error}") from None
        rows.to_csv(self._file, index=False)
        return len(rows)
