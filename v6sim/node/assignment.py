"""A run as the server hands it to its node."""

from dataclasses import dataclass, field
from typing import Any, Self

from v6sim.wire.long_text import AnyText, OmittedText


@dataclass(frozen=True)
class Assignment:
    """What a node has to do for one run.

    Args:
        run_id: id of the run (a "result" on the 3.7 wire).
        assigned_at: when the server made it; with the id it tells runs apart also when a server
            has begun to count anew.
        task_id: the task that it is a part of.
        job_id: what that task and its subtasks have in common ("run_id" on the 3.7 wire).
        parent_id: the task's parent; None for one that a user made.
        initiator_id: the organization that the result is for.
        image: the algorithm's name.
        database: the label that the task asks for; may be empty.
        content: the input as it stands on the wire; of a long one perhaps only the length.
    """

    run_id: int
    assigned_at: str
    task_id: int
    job_id: int
    parent_id: int | None
    initiator_id: int | None
    image: str
    database: str
    content: AnyText = field(repr=False)

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """From an item of `GET result?include=task` (reference: node, section 2)."""
        task = row["task"]
        return cls(
            run_id=row["id"],
            assigned_at=str(row.get("assigned_at")),
            task_id=task["id"],
            job_id=task["run_id"],
            parent_id=(task.get("parent") or {}).get("id"),
            initiator_id=_id(task.get("initiator")),
            image=task["image"],
            database=task.get("database") or "",
            content=_text(row.get("input")),
        )

    @property
    def key(self) -> tuple[int, str]:
        """What makes it this run and no other."""
        return self.run_id, self.assigned_at


def _text(value: Any) -> AnyText:
    """A text of a row; of one that v6sim's server has omitted the length."""
    if isinstance(value, dict) and "omitted" in value:
        return OmittedText(int(value["omitted"]))
    return value or ""


def _id(value: Any) -> int | None:
    return value.get("id") if isinstance(value, dict) else value
