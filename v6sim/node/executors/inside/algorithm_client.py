"""The calls of the newer client of algorithms (`AlgorithmClient`, from 3.8 on) on the older one.

Both ask the same routes (reference: algorithm-contract, section 7).
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045

from typing import TYPE_CHECKING, Any, List, Mapping, NoReturn, Optional, Sequence

from .client import ContainerClient


class AlgorithmCalls:
    """A client of the newer kind.

    Args:
        asking: a client of the older kind, that of a container or a mock of it.
        organization_id: of the organization at which this runs.
    """

    def __init__(self, asking: Any, organization_id: int) -> None:
        self.image, self.database = asking.image, asking.database
        self.collaboration_id = asking.collaboration_id
        self.host_node_id = asking.host_node_id
        self.organization_id = organization_id
        self.request = asking.request
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
    return f"{what} is of a newer vantage6; this client is of 3.x yet: say {_INSTEAD[name]}"


def _refuse(what: str, name: str) -> NoReturn:
    raise AttributeError(
        _of_newer(what, name) if name in _INSTEAD else f"the client of an algorithm has no {what}"
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

    _name = ""

    def __init__(self, asking: Any) -> None:
        self._asking = asking

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            _refuse(f"client.{self._name}.{name}", name)


class Tasks(_Calls):
    """`client.task`."""

    _name = "task"

    def get(self, task_id: int) -> Any:
        """A task."""
        return self._asking.get_task(task_id)

    def create(
        self,
        input_: Any = None,
        organization_ids: Optional[Sequence[int]] = (),
        name: str = "subtask",
        description: Optional[str] = None,
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

    _name = "result"

    def get(self, task_id: int) -> List[Any]:
        """What the runs of a task returned."""
        found: List[Any] = self._asking.get_results(task_id)
        return found


class Organizations(_Calls):
    """`client.organization`."""

    _name = "organization"

    def get(self, id_: int) -> Any:
        """An organization."""
        return self._asking.request(f"organization/{id_}")

    def list(self) -> Any:
        """The organizations of the collaboration."""
        inside = {"collaboration_id": self._asking.collaboration_id}
        return self._asking.request("organization", params=inside)


class Collaborations(_Calls):
    """`client.collaboration`."""

    _name = "collaboration"

    def get(self) -> Any:
        """The collaboration."""
        return self._asking.request(f"collaboration/{self._asking.collaboration_id}")


class Nodes(_Calls):
    """`client.node`."""

    _name = "node"

    def get(self) -> Any:
        """The node that this runs on."""
        return self._asking.request(f"node/{self._asking.host_node_id}")


class Addresses(_Calls):
    """`client.vpn`."""

    _name = "vpn"

    def get_addresses(
        self,
        only_children: bool = False,
        only_parent: bool = False,
        include_children: bool = False,
        include_parent: bool = False,
        label: Optional[str] = None,
    ) -> Any:
        """Where runs of this job can be reached: `ip`, `port` and `label` of each."""
        wanted: Mapping[str, Any] = {
            "only_children": only_children,
            "only_parent": only_parent,
            "include_children": include_children,
            "include_parent": include_parent,
            "label": label,
        }
        answer = self._asking.request("vpn/algorithm/addresses", params=wanted)
        return answer.get("addresses", {"message": "Obtaining VPN addresses failed!"})

    def get_parent_address(self) -> Any:
        """That of the run that asked for this one."""
        return self.get_addresses(only_parent=True)

    def get_child_addresses(self) -> Any:
        """Those of the runs that this one has asked for."""
        return self.get_addresses(only_children=True)


class _Unrenewed(ContainerClient):
    """One that returns what a server says as it refuses."""

    def request(self, *args: Any, **options: Any) -> Any:
        """Ask the server; returns the JSON of its answer, whatever its status."""
        return super().request(*args, **dict(options, retry=False))


class AlgorithmClient(AlgorithmCalls):
    """The client of 3.8 and later in an algorithm's process; arguments as of `ContainerClient`.

    A refusal is returned, as its body (reference: algorithm-contract, section 7).
    """

    def __init__(self, token: str, host: str, port: Any, path: str = "/api") -> None:
        client = _Unrenewed(token, host, port, path)
        self._access_token = token
        super().__init__(client, client.organization_id)
        self.vpn = Addresses(client)
