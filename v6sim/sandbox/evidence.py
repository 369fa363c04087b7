"""What a sandbox knows of a task beside its results."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from v6sim.egress.inspection import Inspection
    from v6sim.sandbox.anywhere import AnySandbox


class Evidence:
    """Looks up what a sandbox knows of a task.

    Args:
        box: where the task ran.
    """

    def __init__(self, box: "AnySandbox") -> None:
        self._box = box

    def trace(self, task_id: int) -> Any:
        """The time line of a task and all below it."""
        return self._box.control.ask("GET", f"tasks/{task_id}/trace")

    def egress(self, task_ids: Collection[int]) -> "list[Inspection]":
        """What left the organizations for these tasks."""
        return [each for each in self._box.egress if each.entry.task_id in task_ids]
