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
class LoadedResult:
    """A result that was loaded with the algorithm's own types, elsewhere.

    Args:
        text: as Python prints it; empty where that says nothing of an object in it.
        value: its plain form: objects show their types and fields.
    """

    text: str
    value: Any


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
        load: loads a pickle with the algorithm's own types, where that is wanted.
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
    load: Callable[[bytes], LoadedResult] | None = field(default=None, repr=False, compare=False)

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

        Of what a pickle has of types that are not read, there are `ForeignObject`s. With
        `trust_results`, it is the plain form of what the algorithm's own process makes of it.

        Raises:
            UnreadablePayload: it cannot be read.
            PayloadTooLarge: it is one of these, too: it is larger than `max_payload_values` says.
        """
        loaded = self._loaded()
        return payload.read(self.output, self.limits) if loaded is None else loaded.value

    def print(self, write: "Write | None" = None, most: int | None = None) -> "Printed":
        """Return what it gave as a text for people, as far as that goes.

        Args:
            write: how its value is written; default is as Python prints it.
            most: how many characters are; default is a million.

        Raises:
            UnreadablePayload: nothing of it can be read.
        """
        from v6sim.wire.limits import TO_SHOW
        from v6sim.wire.payload_text import print_payload
        from v6sim.wire.printing import LONGEST, as_python, as_repr

        if (loaded := self._loaded()) is not None:
            if write is None or write in (as_python, as_repr):
                return as_python(loaded.text or loaded.value, TO_SHOW, most or LONGEST)
            return write(loaded.value, TO_SHOW, most or LONGEST)
        return print_payload(self.output, write or as_python, most=most or LONGEST)

    def _loaded(self) -> LoadedResult | None:
        """What the algorithm's own process makes of a pickle, if that is wanted."""
        if self.load is None or payload.format_of(self.output) != "pickle":
            return None
        prefix, body = payload.split(self.output)
        is_named = prefix is not None and prefix.lower() == "pickle"
        return self.load(body if is_named else self.output)


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
