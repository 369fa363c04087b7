"""What a task waits for, in words: the same ones wherever that is asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from v6sim.wire.statuses import RunStatus

SECONDS = 5.0
"""How long who waits is patient before they want to know what for."""

_MOST = 5  # runs that are told of one by one


@dataclass(frozen=True)
class OpenRun:
    """A run that has not ended, and what is known of its node.

    Args:
        run_id: its id.
        task_id: its task.
        status: its status.
        organization: name of the organization that it is for; empty if that is not known.
        node: name of the node that it is for; empty if there is none.
        node_status: `online`, `offline`, or empty for a node that has never been there.
        others: ids of other runs that are under way at the same node.
        obstacle: what is known to keep it from getting on; empty if nothing is.
    """

    run_id: int
    task_id: int
    status: str
    organization: str = ""
    node: str = ""
    node_status: str = ""
    others: tuple[int, ...] = ()
    obstacle: str = ""

    def __str__(self) -> str:
        """What it waits for, as a line."""
        place = f"run {self.run_id} of task {self.task_id}"
        where = f"node {self.node!r}" if self.node else f"organization {self.organization!r}"
        return f"waiting for {where} ({place}): {self._reason()}"

    def _reason(self) -> str:
        if self.obstacle:
            return self.obstacle
        if not self.node:
            return "it has no node in this collaboration"
        if self.node_status != "online":
            return "it is offline" if self.node_status else "it has never been online"
        if self.status != RunStatus.PENDING:
            return f"the run is {self.status}: its algorithm has not ended"
        if self.others:
            numbers = ", ".join(map(str, self.others[:_MOST]))
            more = ", ..." if len(self.others) > _MOST else ""
            runs = "run" if len(self.others) == 1 else "runs"
            return f"it is busy with {runs} {numbers}{more}"
        return "it is online, and has not taken the run up"


def lines(runs: Sequence[OpenRun]) -> list[str]:
    """What a task waits for: a line for each of the first few runs, and one for all others."""
    told = [str(run) for run in runs[:_MOST]]
    return told if len(runs) <= _MOST else [*told, f"waiting for {len(runs) - _MOST} more runs"]


def open_runs(rows: Iterable[dict[str, Any]]) -> list[OpenRun]:
    """What the API tells of runs (reference: server-api, section 2), of those that are open.

    Args:
        rows: results as the API shows them, of one task or several; `task` and `organization` may
            be ids or links.
    """
    rows = [row for row in rows if row.get("finished_at") is None]
    under_way = [
        (row["id"], _id(row.get("node"))) for row in rows if row.get("status") == RunStatus.ACTIVE
    ]
    return [_open_run(row, under_way) for row in rows]


def _open_run(row: dict[str, Any], under_way: Sequence[tuple[int, Any]]) -> OpenRun:
    """What a row tells.

    Args:
        row: a result as the API shows it.
        under_way: ids of runs that are under way, with those of their nodes.
    """
    node = row.get("node") or {}
    here = [run_id for run_id, node_id in under_way if node_id == node.get("id")]
    return OpenRun(
        row["id"],
        _id(row.get("task")) or 0,
        str(row.get("status") or RunStatus.PENDING),
        organization=str(_id(row.get("organization"))),
        node=node.get("name") or "",
        node_status=node.get("status") or "",
        others=tuple(each for each in here if each != row["id"]),
    )


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value
