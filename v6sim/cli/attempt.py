"""One run of an algorithm with all that was wanted of it, and what came of it."""

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

from v6sim.cli import egress, trace
from v6sim.cli.bench import Bench, Ran
from v6sim.cli.pooled import Comparison, Pooled
from v6sim.cli.request import Request

if TYPE_CHECKING:
    from v6sim.client import Client
    from v6sim.recording import Recording
    from v6sim.views import TaskView, Ticket


@dataclass(frozen=True)
class Attempt:
    """What came of running an algorithm.

    Args:
        ran: the task as it ended.
        pooled: how it compares with all rows together, if that was wanted.
        deviation: what a replayed master asked for that was not recorded; empty if nothing.
        found: whether checks found something in what left.
    """

    ran: Ran
    pooled: Comparison | None = None
    deviation: str = ""
    found: bool = field(default=False)

    @property
    def is_good(self) -> bool:
        """Whether all of it completed, and came out as it should."""
        same = self.pooled is None or self.pooled.is_same
        return self.ran.task.is_good and same and not self.deviation

    def code(self, request: Request) -> int:
        """The exit code that says so."""
        if not self.is_good:
            return 1
        return egress.FOUND if self.found and request.egress_fail else 0


class Audience(Protocol):
    """Who is told of attempts."""

    def follow(self, client: "Client", ticket: "Ticket") -> "TaskView":
        """Wait for a task, and return it as it is at its end."""
        ...

    def tell(self, attempt: Attempt) -> None:
        """Say what came of one, but for its results."""
        ...

    def show_results(self, attempt: Attempt) -> None:
        """Show the results of one, and the logs of what failed: nothing follows them."""
        ...

    def begin(self, name: str) -> None:
        """Say which of several comes now."""
        ...

    def conclude(self, document: Any) -> None:
        """Give all that came of it, as JSON has it."""
        ...


class Trial:
    """A federation with all that a request wants of runs on it; a context manager.

    Args:
        request: what is wanted.
        data: the file or address of the data of each organization, by its name.
        audience: who is told.
        recording: what is replayed, if something is.
    """

    def __init__(
        self, request: Request, data: Mapping[str, str], audience: Audience,
        recording: "Recording | None" = None,
    ) -> None:  # fmt: skip
        self._request, self._audience, self._recording = request, audience, recording
        self._bench = Bench(request, data, recording)
        self._pooled = Pooled(request, data) if request.pooled else None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start what it takes."""
        with ExitStack() as stack:
            stack.enter_context(self._bench)
            if self._pooled:
                stack.enter_context(self._pooled)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it, without a word: what comes of it has been shown."""
        log = logging.getLogger("v6sim")
        level = log.level
        log.setLevel(max(logging.WARNING, log.getEffectiveLevel()))
        try:
            self._stack.close()
        finally:
            log.setLevel(level)

    def attempt(self) -> Attempt:
        """Run it once, and tell of it."""
        request = self._request
        ran = self._bench.run(self._audience.follow)
        compared = self._pooled.compare(ran.task) if self._pooled and ran.task.is_good else None
        attempt = Attempt(ran, compared, self._deviation(ran))
        try:
            self._audience.tell(attempt)
            self._write(ran)
            if self._recording:
                return attempt
            found = egress.conclude(
                self._bench.egress, min_count=request.egress_min_count, details=request.verbose
            )
        finally:
            self._audience.show_results(attempt)
        return replace(attempt, found=found)

    def _write(self, ran: Ran) -> None:
        """Write the recording and the trace, if they are wanted."""
        if self._request.record:
            from v6sim.recording import save

            save(self._bench.box.recording(ran.task), self._request.record)
        if self._request.trace:
            trace.write(self._bench.trace(ran.task.id), self._request.trace)

    def _deviation(self, ran: Ran) -> str:
        if self._recording is None:
            return ""
        return self._recording.deviation(self._bench.box.recording(ran.task))


def as_json(attempt: Attempt) -> dict[str, Any]:
    """An attempt for programs."""
    from v6sim.cli import outcome

    document: dict[str, Any] = {"task": outcome.row(attempt.ran.task)}
    if attempt.pooled:
        document["pooled"] = attempt.pooled.row()
    if attempt.deviation:
        document["deviation"] = attempt.deviation
    return document
