"""The calls of the newer client of algorithms (`AlgorithmClient`, from 3.8 on) on the older one.

Both ask the same routes (reference: algorithm-contract, section 7).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Protocol


class Asking(Protocol):
    """A client of the older kind: that of a container, or a mock of it."""

    collaboration_id: Any
    image: Any
    database: Any

    @property
    def host_node_id(self) -> Any:
        """Id of the node."""
        ...

    def request(
        self,
        endpoint: str,
        json: Any = None,
        method: str = "get",
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask the server; the JSON of its answer."""
        ...

    def post_task(
        self,
        name: str,
        image: Any,
        collaboration_id: Any,
        input_: Any = "",
        description: str = "",
        organization_ids: Any = (),
        database: Any = "default",
    ) -> Any:
        """Create a task."""
        ...

    def get_task(self, task_id: int) -> Any:
        """A task."""
        ...

    def get_results(self, task_id: int) -> list[Any]:
        """What the runs of a task returned."""
        ...

    def wait_for_results(self, task_id: int, interval: float = 1) -> list[Any]:
        """What they returned when all have ended."""
        ...


class AlgorithmCalls:
    """A client of the newer kind.

    Args:
        asking: what asks the server.
        organization_id: of the organization at which this runs.
    """

    def __init__(self, asking: Asking, organization_id: int) -> None:
        self.image, self.database = asking.image, asking.database
        self.collaboration_id = asking.collaboration_id
        self.host_node_id = asking.host_node_id
        self.organization_id = organization_id
        self.request = asking.request
        self.wait_for_results = asking.wait_for_results
        self.task = Tasks(asking)
        self.result = Results(asking)
        self.organization = Organizations(asking)
        self.collaboration = Collaborations(asking)
        self.node = Nodes(asking)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            _refuse(f"client.{name}", name)


_INSTEAD = {
    "organizations": "organization_ids=[...]",
    "method": "input_={'method': ..., 'kwargs': {...}}",
    "arguments": "input_={'method': ..., 'kwargs': {...}}",
    "run": "client.result.get(task_id)",
    "from_task": "client.result.get(task_id)",
}
"""What 3.x says, by the names of newer generations."""


def _of_newer(what: str, name: str) -> str:
    return (
        f"{what} is of a newer vantage6; v6sim's mock is the one of 3.x yet: say {_INSTEAD[name]}"
    )


def _refuse(what: str, name: str) -> NoReturn:
    raise AttributeError(
        _of_newer(what, name) if name in _INSTEAD else f"the mock client has no {what}"
    )


def _wrong_arguments(others: Mapping[str, Any]) -> str:
    for name in others:
        if name in _INSTEAD:
            return _of_newer(f"task.create({name}=...)", name)
    if others:
        return (
            f"task.create takes no {next(iter(others))}=, but input_, organization_ids, name and "
            "description"
        )
    return f"task.create needs {_INSTEAD['method']}"


class _Calls:
    """Calls that concern one kind of thing."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            _refuse(f"client.{type(self).__name__.lower().removesuffix('s')}.{name}", name)


class Tasks(_Calls):
    """`client.task`."""

    def get(self, task_id: int) -> Any:
        """A task."""
        return self._asking.get_task(task_id)

    def create(
        self,
        input_: Any = None,
        organization_ids: Sequence[int] | None = (),
        name: str = "subtask",
        description: str | None = None,
        **others: Any,
    ) -> Any:
        """Have this image run at organizations; returns the new task.

        Raises:
            TypeError: something is given as to the client of another generation.
        """
        if others or input_ is None:
            raise TypeError(_wrong_arguments(others))
        own = self._asking
        text = description or f"task from container on node_id={own.host_node_id}"
        return own.post_task(
            name, own.image, own.collaboration_id, input_, text, organization_ids, own.database
        )


class Results(_Calls):
    """`client.result`."""

    def get(self, task_id: int) -> list[Any]:
        """What the runs of a task returned."""
        return self._asking.get_results(task_id)


class Organizations(_Calls):
    """`client.organization`."""

    def get(self, id_: int) -> Any:
        """An organization."""
        return self._asking.request(f"organization/{id_}")

    def list(self) -> Any:
        """The organizations of the collaboration."""
        inside = {"collaboration_id": self._asking.collaboration_id}
        return self._asking.request("organization", params=inside)


class Collaborations(_Calls):
    """`client.collaboration`."""

    def get(self) -> Any:
        """The collaboration."""
        return self._asking.request(f"collaboration/{self._asking.collaboration_id}")


class Nodes(_Calls):
    """`client.node`."""

    def get(self) -> Any:
        """The node that this runs on."""
        return self._asking.request(f"node/{self._asking.host_node_id}")
