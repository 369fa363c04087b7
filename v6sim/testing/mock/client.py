"""The mock client of vantage6 3.7, on a real federation."""

import json
import pickle
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from v6sim.testing.mock.cast import Cast, IdKind, cast_of, whole
from v6sim.testing.mock.datasets import check_datasets, check_plain
from v6sim.testing.mock.stage import Stage, give_back, take
from v6sim.wire.limits import PayloadLimits, PayloadTooLarge, UnreadablePayload, to_use

if TYPE_CHECKING:
    from v6sim.client import Client
    from v6sim.views import TaskView

PATIENCE = 60.0
"""Seconds that a task may take."""


class CannotTravel(TypeError):
    """An input is nothing that could be sent to an organization; the text says why."""


class MockClient:
    """Plays the federation for an algorithm; takes the calls of `ClientMockProtocol` of 3.7.

    What it is given runs on a server with a node for each dataset, as in production: inputs and
    results travel, and a master gets the client of a container. Organizations and nodes have the
    ids that the genuine mock gives them: their positions, from 0.

    A context manager; where it is not used as one, it ends with its last reference.

    Args:
        datasets: of each organization a data frame, a list of dicts, or what pandas reads as CSV:
            the path of a file, its URL, or an open file.
        module: the algorithm, by the name it is imported by, or imported.
        ids: `mock` for ids from 0; `server` for ids as a server gives them, which are never
            positions.
        timeout: seconds after which a task is given up.
        max_payload_values: how many values a result may have; None for the usual limit.

    Raises:
        WrongData: a dataset is none of these.
        ImportError: there is no such module.
        ValueError: there is no dataset, or `ids` is something else.
    """

    database = "default"
    """Label of the data that tasks run on."""

    def __init__(
        self, datasets: Sequence[Any], module: str | ModuleType, *, ids: IdKind = "mock",
        timeout: float = PATIENCE, max_payload_values: int | None = None,
    ) -> None:  # fmt: skip
        tables = check_datasets(datasets)
        check_plain(tables)
        self._open(tables, module, cast_of(len(tables), ids), timeout, max_payload_values)

    def _open(
        self,
        tables: Sequence[Any],
        module: str | ModuleType,
        cast: Cast,
        timeout: float,
        max_payload_values: int | None,
    ) -> None:
        self._limits = to_use(max_payload_values)
        self.lib = module if isinstance(module, ModuleType) else import_module(module)
        self.n = len(tables)
        self.tasks: list[dict[str, Any]] = []
        self.image = f"mock/{self.lib.__name__}"
        self.collaboration_id = cast.collaboration
        self._timeout = timeout
        self._stage: Stage = take(cast)
        self._end = weakref.finalize(self, give_back, self._stage)
        self._stage.set(self.image, self._package(), tables)

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Drop what runs, and the data; it cannot be used any more."""
        if self._end.alive:
            self._stage.box.reset()
            self._end()

    @cached_property
    def datasets(self) -> list[Any]:
        """The data of each organization, as its algorithms get them: data frames."""
        self._user()
        return self._stage.frames()

    # --- the calls of the genuine mock ---

    def create_new_task(
        self, input_: Mapping[str, Any], organization_ids: Sequence[int] | None = ()
    ) -> dict[str, Any]:
        """Run a method at organizations, and wait until all have ended.

        Args:
            input_: `method`, and optionally `master`, `args`, `kwargs` and `output_format`.
            organization_ids: where; None for nowhere.

        Returns:
            The task as the server has it; its `results` are dicts with the `id` of a run and, as
            `result`, the bytes that it gave.

        Raises:
            AlgorithmFailed: a run has failed; the text has its traceback. Where that is of a
                built-in error, such as ValueError, the error is one of these too.
            CannotTravel: the input cannot be pickled.
            ApiError: the server refuses the task, as for an organization that does not exist.
            TimeoutError: it has not ended in time.
        """
        return self.post_task(
            "mock", self.image, self.collaboration_id, input_, "", organization_ids, self.database
        )

    def get_task(self, task_id: int) -> dict[str, Any]:
        """A task as the server has it, with its results as `create_new_task` gives them.

        Raises:
            ApiError: there is none of that id.
        """
        return self._task(task_id)

    def get_results(self, task_id: int) -> list[Any]:
        """What the runs of a task returned; those that gave nothing are left out.

        Raises:
            ApiError: there is no such task.
            PayloadTooLarge: a result is larger than `max_payload_values` says.
        """
        found = [row["result"] for row in self._results(task_id)]
        return [_value(output, self._limits) for output in found if output]

    def get_organizations_in_my_collaboration(self) -> list[dict[str, Any]]:
        """The organizations as the server has them, among them their `id`, `name` and `domain`."""
        rows: list[dict[str, Any]] = self.request(
            f"collaboration/{self.collaboration_id}/organization"
        )
        return rows

    # --- what a container's client has too, for masters that a test calls by itself ---

    @property
    def host_node_id(self) -> int:
        """Id of the node of the first organization."""
        return self.node_ids[0]

    @property
    def node_ids(self) -> list[int]:
        """Ids of the nodes, in the order of the organizations."""
        rows = self.request(f"collaboration/{self.collaboration_id}/organization")
        nodes = {row["id"]: row["nodes"][0]["id"] for row in rows}
        return [nodes[key] for key in self._stage.cast.organizations]

    def request(
        self,
        endpoint: str,
        json: Any = None,
        method: str = "get",
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask the server, as a Researcher of the first organization; the JSON of its answer.

        Raises:
            ApiError: the server refuses.
        """
        path = "/" + endpoint.lstrip("/")
        return self._user().ask(method.upper(), path, json=json, params=params)

    def post_task(
        self,
        name: str,
        image: str,
        collaboration_id: int,
        input_: Any = "",
        description: str = "",
        organization_ids: Sequence[int] | None = (),
        database: str = "default",
    ) -> dict[str, Any]:
        """What `create_new_task` does, with a choice of all that it fills in."""
        user, begun = self._user(), time.perf_counter()
        ids = [whole(each) for each in organization_ids or ()]
        ticket = user.submit(
            collaboration_id, ids, image, _serialized(input_),
            name=name, description=description, database=database,
        )  # fmt: skip
        view = user.wait(ticket, self._timeout)
        task = self._task(view.id)
        self.tasks.append(task)
        self._check(view, time.perf_counter() - begun)
        return task

    def _package(self) -> str:
        """What runs: the module as it is, by a name that no file or folder has."""
        name = f"mocked-{self.lib.__name__.replace('.', '-')}"
        sys.modules[name] = self.lib
        return name

    def _task(self, task_id: int) -> dict[str, Any]:
        """Not `get_task`: a test may have put something else in its place."""
        task: dict[str, Any] = self.request(f"task/{task_id}")
        return {**task, "results": self._results(task_id)}

    def _results(self, task_id: int) -> list[dict[str, Any]]:
        rows = self.request(f"task/{task_id}/result")
        return [{"id": row["id"], "result": _output(row["result"])} for row in rows]

    def _user(self) -> "Client":
        if not self._end.alive:
            raise RuntimeError("this mock client is closed")
        return self._stage.user

    def _check(self, view: "TaskView", seconds: float) -> None:
        """Raise an error if a run has failed; the task below it may have done so, and be borne."""
        from v6sim.sandbox.evidence import Evidence
        from v6sim.sandbox.tasks import TaskResult
        from v6sim.testing.mock.failures import failure
        from v6sim.wire.statuses import is_failed

        if any(is_failed(run.status) for run in view.runs):
            raise failure(TaskResult(view, seconds, Evidence(self._stage.box)))


def _serialized(given: Any) -> bytes:
    from v6sim.wire.payload import serialize

    try:
        return serialize(given)
    except Exception as error:
        raise CannotTravel(
            f"the input cannot be pickled, and so could not be sent to an organization: {error}"
        ) from error


def _output(text: str | None) -> bytes:
    from v6sim.wire import payload

    return payload.to_bytes(text) if text else b""


def _value(output: bytes, limits: PayloadLimits) -> Any:
    """What a run returned. Its pickle is opened, as it was written in this very process.

    Before that it is read as one of a stranger would be: it has to be within the limits.
    """
    from v6sim.wire import payload

    try:
        value = payload.read(output, limits)
        if payload.format_of(output) == "json":
            return value
    except PayloadTooLarge:
        raise
    except UnreadablePayload:
        pass  # it refers to something outside it, say
    prefix, body = payload.split(output)
    match prefix and prefix.lower():
        case "json":
            return json.loads(body)
        case "pickle":
            return pickle.loads(body)  # noqa: S301
    return pickle.loads(output)  # noqa: S301
