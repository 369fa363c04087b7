"""Running an algorithm on a sandbox as one call, and what comes of it."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, Self

from v6sim.views import RunView, TaskView, Ticket
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.statuses import is_failed

if TYPE_CHECKING:
    from v6sim.client import Client
    from v6sim.egress.inspection import Inspection

logger = logging.getLogger(__name__)


_SHOWN = 200  # characters of a result


class AlgorithmFailed(AssertionError):
    """A run of the task, or of a task below it, has failed; the text has its log.

    Args:
        outcome: what came of the task.
    """

    def __init__(self, outcome: "TaskResult") -> None:
        super().__init__("\n".join(_complaints(outcome.task)))
        self.outcome = outcome


class Evidence(Protocol):
    """What knows more of tasks than their results."""

    def trace(self, task_id: int) -> Any:
        """The time line of a task and all below it."""
        ...

    def egress(self, task_ids: Collection[int]) -> "list[Inspection]":
        """What left the organizations for these tasks."""
        ...


@dataclass(frozen=True)
class Timing:
    """Where the time of a run went, in seconds; None for what it did not come to.

    Args:
        task_id: the task.
        run_id: the run.
        organization: where.
        waited: from its order until the algorithm began.
        ran: from there until the algorithm ended.
        reported: from there until the server had its result.
    """

    task_id: int
    run_id: int
    organization: str
    waited: float | None
    ran: float | None
    reported: float | None


@dataclass(frozen=True)
class TaskResult:
    """What came of a task.

    Args:
        task: the task as its user sees it, with all below it.
        seconds: how long it took, from the request to the result.
        ask: what there is more to know, looked up when it is wanted.
    """

    task: TaskView
    seconds: float
    ask: "Evidence" = field(repr=False, compare=False)

    @cached_property
    def trace(self) -> Any:
        """Where the time went; see `v6sim trace`. Of the time before the next reset only."""
        return self.ask.trace(self.task.id)

    @property
    def timings(self) -> list[Timing]:
        """Where the time of each run went, those of subtasks after those of their task."""
        return list(_timings(self.trace))

    @cached_property
    def egress(self) -> "list[Inspection]":
        """What left the organizations for it. Of the time before the next reset only."""
        return self.ask.egress({each.id for each in self.task})

    @property
    def results(self) -> dict[str, Any]:
        """The result of each organization, by its name."""
        return {run.organization: run.result for run in self.task.runs}

    @property
    def result(self) -> Any:
        """The result of the only organization.

        Raises:
            ValueError: there is more than one, or none.
        """
        if len(self.task.runs) != 1:
            names = ", ".join(run.organization for run in self.task.runs) or "none"
            raise ValueError(f"there is not one result but {len(self.task.runs)} ({names})")
        return self.task.runs[0].result

    @property
    def status(self) -> str:
        """The status of the task."""
        return self.task.status

    @property
    def logs(self) -> dict[str, str]:
        """What each run of the task itself has printed, by the organization's name."""
        return {run.organization: run.log for run in self.task.runs}

    def check(self) -> Self:
        """Make sure that all of it completed.

        Raises:
            AlgorithmFailed: a run has failed.
        """
        if not self.task.is_good:
            raise AlgorithmFailed(self)
        return self


class RunningTask:
    """A task that has been sent.

    Args:
        client: its user; is closed when the result is there.
        ticket: with what it is found again.
        conclude: makes the outcome from how the task ended.
    """

    def __init__(
        self, client: "Client", ticket: Ticket, conclude: Callable[[TaskView], TaskResult]
    ) -> None:
        self._client, self._ticket, self._conclude = client, ticket, conclude

    @property
    def id(self) -> int:
        """The task's id."""
        return self._ticket.task_id

    def look(self) -> TaskView:
        """The task as it is now."""
        return self._client.look(self._ticket)

    def close(self) -> None:
        """Let it be: it runs on, and nobody waits for it."""
        self._client.close()

    def kill(self) -> None:
        """Have all its runs, and those below it, stopped."""
        self._client.kill(self._ticket)

    def wait(self, seconds: float = 60) -> TaskResult:
        """What came of it, well or not; after some seconds, a warning says what is waited for.

        Raises:
            TimeoutError: it has not ended within that time; says what was waited for.
        """
        with self._client:
            return self._conclude(self._client.wait(self._ticket, seconds, logger.warning))


def _timings(task: Mapping[str, Any]) -> Iterator[Timing]:
    for run in task["runs"]:
        moments = [run[name] for name in ("assigned", "running", "reporting", "ended")]
        spans = [
            None if begin is None or end is None else end - begin
            for begin, end in pairwise(moments)
        ]
        yield Timing(task["task_id"], run["run_id"], run["organization"], *spans)
    for subtask in task["subtasks"]:
        yield from _timings(subtask)


def _complaints(task: TaskView) -> Iterator[str]:
    """Each run that has failed, with its log."""
    for each in task:
        yield f"task {each.id} {each.name or each.image}: {each.status}"
        for run in each.runs:
            if is_failed(run.status):
                yield f"--- {run.organization}: {run.status}"
                yield run.log.rstrip() or "(it left no log)"
            else:
                yield f"    {run.organization}: {run.status} {_shown(run)}"


def _shown(run: RunView) -> str:
    from v6sim.wire.printing import as_repr

    try:
        return "" if run.finished is None else run.print(as_repr, _SHOWN).text
    except UnreadablePayload:
        return ""
