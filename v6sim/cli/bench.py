"""A federation that stands ready for one algorithm, which can run on it again and again."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from v6sim.cli import failures, options, values
from v6sim.cli.dry_run import COLLABORATION, USER, DryRun
from v6sim.cli.failures import Mistake
from v6sim.cli.request import Request

if TYPE_CHECKING:
    from v6sim.client import Client
    from v6sim.egress.inspection import Inspection
    from v6sim.recording import Recording
    from v6sim.sandbox import Sandbox
    from v6sim.sandbox.trusted_results import TrustedResults
    from v6sim.views import TaskView, Ticket

    Follow = Callable[[Client, Ticket], TaskView]
    """Waits for a task in some way, and returns it as it is at its end."""


@dataclass(frozen=True)
class Ran:
    """A task that has ended.

    Args:
        task: the task, with all below it.
        seconds: how long it took.
    """

    task: "TaskView"
    seconds: float


class Bench:
    """The federation of a request; a context manager.

    Args:
        request: what to run.
        data: the file or address of the data of each organization, by its name.
        recording: what answers subtasks instead of the algorithm.

    Raises:
        Mistake: the algorithm cannot be found, or nodes did not start (at entering the context).
    """

    def __init__(
        self, request: Request, data: Mapping[str, str], recording: "Recording | None" = None
    ) -> None:
        self.data = data
        self._request, self._recording = request, recording
        self._dry = DryRun.of(
            request.algorithm, data, request.start, request.executor, encrypted=request.encrypted
        )
        self._trusted = self._trust() if request.trust_results else None
        self._stack = ExitStack()
        self._is_used = False

    def __enter__(self) -> Self:
        """Start it, and wait until all nodes are there."""
        from v6sim.sandbox import Sandbox

        with ExitStack() as stack:
            self._box = stack.enter_context(
                Sandbox(
                    self._dry.world, executor=self._request.executor, cold=self._request.cold,
                    tell=options.say, post_mortem=_debugger(self._request),
                    replay=self._recording, settings=self._request.settings,
                )
            )  # fmt: skip
            failures.check_nodes(self._box.failed)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it."""
        self._stack.close()

    @property
    def box(self) -> "Sandbox":
        """The federation."""
        return self._box

    @property
    def egress(self) -> "list[Inspection]":
        """What left the organizations in the last run."""
        return self._box.egress

    def run(self, follow: "Follow") -> Ran:
        """Run the algorithm, on a federation as if it were new."""
        if self._is_used:
            self._box.reset()
        self._is_used = True
        self._box.prepare(self._dry.image)
        with self._box.own_client(USER) as client:
            begun = time.perf_counter()
            task = follow(client, self._submit(client))
            seconds = time.perf_counter() - begun
        return Ran(self._trusted.of(task) if self._trusted else task, seconds)

    def _trust(self) -> "TrustedResults":
        from v6sim.sandbox.trusted_results import TrustedResults
        from v6sim.wire.limits import to_use

        limits = to_use(self._request.max_payload_values)
        return TrustedResults(self._dry.image, self._dry.world.algorithms, limits)

    def trace(self, task_id: int) -> Any:
        """Where the time of a task went."""
        return self._box.control.ask("GET", f"tasks/{task_id}/trace")

    def _submit(self, client: "Client") -> "Ticket":
        from v6sim.wire.payload import serialize

        ids = client.organizations()
        if self._recording:
            name, where = self._recording.name, [ids[self._recording.organization]]
            content = self._recording.input
        else:
            given = self._given()
            name, where = given["method"], [ids[each] for each in self._dry.organizations]
            where = where[:1] if given["master"] else where
            content = serialize(given, self._dry.input_format)
        collaboration_id = client.collaborations()[COLLABORATION]
        return client.submit(collaboration_id, where, self._dry.image, content, name=name)

    def _given(self) -> dict[str, Any]:
        """The input; looked up for each run, as the algorithm may have changed."""
        request = self._request
        assert request.method is not None, "the request was checked"
        name, is_master = self._dry.settle(request.method, master=request.master)
        for option in ("pooled", "record"):
            if getattr(request, option) and not is_master:
                raise Mistake(
                    f"--{option} is for masters, and {name} is run as a partial: a result for "
                    "each organization; name a master by --method, or say --master"
                )
        return {
            "master": is_master,
            "method": name,
            "args": [values.plain(text) for text in request.args],
            "kwargs": values.named(request.kwargs),
            **values.more_of_input(request.input),
        }


def _debugger(request: Request) -> Callable[[BaseException], None] | None:
    if not request.pdb:
        return None
    from v6sim.cli.post_mortem import debug

    return debug
