"""The mock client of vantage6 3.8 and later, on a real federation."""

import functools
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, Self

from v6sim.node.executors.inside.algorithm_client import AlgorithmCalls, Nodes
from v6sim.testing.mock.cast import Cast, IdKind, cast_of
from v6sim.testing.mock.client import PATIENCE, MockClient
from v6sim.testing.mock.datasets import check_datasets, described_table


class MockAlgorithmClient(AlgorithmCalls):
    """Plays the federation for an algorithm; takes the calls of the class of this name from 3.8 on.

    As `MockClient`, but masters get the newer client: `client.task.create(...)` and so on.

    Args:
        datasets: of each organization a dict, whose `database` is a data frame, or the path of a
            file of the `type` csv, excel or parquet; or what `MockClient` takes.
        module: the algorithm, by the name it is imported by, or imported.
        collaboration_id: id of the collaboration; None for 1.
        organization_ids: ids of the organizations; None for 0, 1, 2 and so on, which hold too
            where there are not as many as datasets.
        node_ids: ids of their nodes, likewise.
        ids: `server` for ids as a server gives them, which are never positions.
        timeout: seconds after which a task is given up.
        max_payload_values: how many values a result may have; None for the usual limit.

    Raises:
        WrongData: a dataset is none of these.
        ImportError: there is no such module.
        ValueError: ids are none that a server can have.
    """

    def __init__(
        self,
        datasets: Sequence[Any],
        module: str | ModuleType,
        collaboration_id: int | None = None,
        organization_ids: Sequence[int] | None = None,
        node_ids: Sequence[int] | None = None,
        *,
        ids: IdKind = "mock",
        timeout: float = PATIENCE,
        max_payload_values: int | None = None,
    ) -> None:
        tables = [described_table(each) for each in check_datasets(datasets)]
        cast = cast_of(len(tables), ids, organization_ids, node_ids, collaboration_id)
        self._mock = _Mock(tables, module, cast, timeout, max_payload_values)
        super().__init__(self._mock, cast.organizations[0])
        self.n, self.module_name = len(tables), self._mock.lib.__name__
        self.all_organization_ids = list(cast.organizations)
        self.all_node_ids = self._mock.node_ids

    @property
    def datasets(self) -> dict[int, Any]:
        """The data of each organization by its id, as its algorithms get them: data frames."""
        return dict(zip(self.all_organization_ids, self._mock.datasets, strict=True))

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The tasks that were made with it."""
        return self._mock.tasks

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Drop what runs, and the data; it cannot be used any more."""
        self._mock.close()


class _Mock(MockClient):
    """Runs tasks of which masters get the newer client."""

    def __init__(
        self,
        tables: Sequence[Any],
        module: str | ModuleType,
        cast: Cast,
        timeout: float,
        max_payload_values: int | None,
    ) -> None:
        self._open(tables, module, cast, timeout, max_payload_values)

    def _package(self) -> str:
        return _with_newer_client(self.lib.__name__)


@functools.cache
def _with_newer_client(module: str) -> str:
    """Name of a module that stands for another one, and hands its masters the newer client."""
    stand_in = ModuleType(f"mocked-{module.replace('.', '-')}-newer")
    for name, value in vars(import_module(module)).items():
        if callable(value):
            setattr(stand_in, name, _late(module, name))
    sys.modules[stand_in.__name__] = stand_in
    return stand_in.__name__


def _late(module: str, name: str) -> Callable[..., Any]:
    """Calls a function as it is then: it may be imported anew, or patched, meanwhile."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(import_module(module), name)(*args, **kwargs)

    def call_master(client: Any, *args: Any, **kwargs: Any) -> Any:
        return call(_ContainerCalls(client, _own_organization(client.token)), *args, **kwargs)

    return call if name.startswith("RPC_") else call_master


class _ContainerCalls(AlgorithmCalls):
    """The newer client of a master that runs as a task."""

    def __init__(self, asking: Any, organization_id: int) -> None:
        super().__init__(asking, organization_id)
        self.node = _OwnNode(asking, self)


class _OwnNode(Nodes):
    """`client.node` of a master, of what its token says: a server of 3.7 shows it no node."""

    def __init__(self, asking: Any, client: AlgorithmCalls) -> None:
        super().__init__(asking)
        self._client = client

    def get(self) -> Any:
        """The node that this runs on."""
        from v6sim.world.collaboration import default_node_name

        own = self._client.organization.get(self._client.organization_id)
        whole = self._client.collaboration.get()
        return {
            "id": self._client.host_node_id,
            "name": default_node_name(own["name"], whole["name"]),
            "type": "node",
            "status": "online",
            "organization": {"id": own["id"]},
            "collaboration": {"id": whole["id"]},
        }


def _own_organization(token: str) -> int:
    import jwt

    return int(jwt.decode(token, options={"verify_signature": False})["sub"]["organization_id"])
