"""Tasks and runs as a user sees them: values, as they were when the server was asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from v6sim.wire import payload
from v6sim.wire.limits import PayloadLimits
from v6sim.wire.long_text import AnyText
from v6sim.wire.statuses import RunStatus

if TYPE_CHECKING:
    from v6sim.wire.payload_text import Write
    from v6sim.wire.printing import Printed


@dataclass(frozen=True)
class RunView:
    """A run of a task, as a user sees it.

    Args:
        id: its id.
        organization: name of the organization it runs at.
        status: its status.
        started: when it started, in the node's own time.
        finished: when it ended, likewise.
        log: what the algorithm printed.
        sealed: what it gave, as it stands on the wire; empty if there is nothing (yet).
        open_: gives the payload in that.
        sealed_input: what it was asked, as it stands on the wire: for its organization's eyes.
        is_whole: whether all texts are here, also the long ones.
        limits: how large its result may be to be used; None for the usual limits.
    """

    id: int
    organization: str
    status: str
    started: datetime | None
    finished: datetime | None
    log: str
    sealed: AnyText = field(repr=False)
    open_: Callable[[AnyText], bytes] = field(repr=False, compare=False)
    sealed_input: AnyText = field(default="", repr=False)
    is_whole: bool = field(default=True, repr=False, compare=False)
    limits: PayloadLimits | None = field(default=None, repr=False, compare=False)

    @property
    def output(self) -> bytes:
        """The payload it gave; empty if there is none (yet).

        Raises:
            UnreadablePayload: it is encrypted, for somebody else.
        """
        return self.open_(self.sealed) if self.sealed else b""

    @property
    def result(self) -> Any:
        """What it gave, whole, read without executing anything.

        Raises:
            UnreadablePayload: it cannot be read.
            PayloadTooLarge: it is one of these, too: it is larger than `max_payload_values` says.
        """
        return payload.read(self.output, self.limits)

    def print(self, write: "Write | None" = None, most: int | None = None) -> "Printed":
        """Return what it gave as a text for people, as far as that goes.

        Args:
            write: how its value is written; default is as Python prints it.
            most: how many characters are; default is a million.

        Raises:
            UnreadablePayload: nothing of it can be read.
        """
        from v6sim.wire.payload_text import print_payload
        from v6sim.wire.printing import LONGEST, as_python

        return print_payload(self.output, write or as_python, most=most or LONGEST)


@dataclass(frozen=True)
class TaskView:
    """A task with its runs and subtasks."""

    id: int
    name: str
    image: str
    status: str
    is_complete: bool
    runs: tuple[RunView, ...]
    subtasks: tuple["TaskView", ...]

    def __iter__(self) -> Iterator["TaskView"]:
        """This task, then all below it."""
        yield self
        for subtask in self.subtasks:
            yield from subtask

    @property
    def is_good(self) -> bool:
        """Whether all of it completed, its subtasks too."""
        return self.has_ended and all(task.status == RunStatus.COMPLETED for task in self)

    @property
    def is_whole(self) -> bool:
        """Whether all texts of all of its runs are here, also the long ones."""
        return all(run.is_whole for each in self for run in each.runs)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it is under way, its subtasks included, well or not."""
        return all(task.is_complete for task in self)


@dataclass(frozen=True)
class Ticket:
    """With what one finds a task again: its id, and what it has in common with its subtasks."""

    task_id: int
    job_id: int
