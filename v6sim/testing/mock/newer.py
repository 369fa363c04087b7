"""The mock client of vantage6 3.8 and later, on a real federation."""

import functools
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, Self

from v6sim.runtime.extras import EXCEL, PARQUET
from v6sim.testing.mock.calls import AlgorithmCalls
from v6sim.testing.mock.client import PATIENCE, MockClient, cast_of
from v6sim.testing.mock.stage import Cast

_HIGHEST = 1000
"""Of ids: each up to the highest has its row in the server."""

_log = logging.getLogger(__name__)


class MockAlgorithmClient(AlgorithmCalls):
    """Plays the federation for an algorithm; takes the calls of the class of this name from 3.8 on.

    As `MockClient`, but masters get the newer client: `client.task.create(...)` and so on.

    Args:
        datasets: of each organization a dict, whose `database` is a data frame, or the path of a
            file of the `type` csv, excel or parquet; or what `MockClient` takes.
        module: the algorithm, by the name it is imported by, or imported.
        collaboration_id: id of the collaboration, at most 1000.
        organization_ids: ids of the organizations, from 2 to 1000; without it, those of the server,
            and an organization may be named by its position too.
        node_ids: taken, and not used: ids of nodes are those of the server.
        timeout: seconds after which a task is given up.
        max_payload_values: how many values a result may have; None for the usual limit.

    Raises:
        WrongData: a dataset is none of these.
        ImportError: there is no such module.
        ValueError: ids are none that a server would give.
    """

    def __init__(
        self,
        datasets: Sequence[Any],
        module: str | ModuleType,
        collaboration_id: int | None = None,
        organization_ids: Sequence[int] | None = None,
        node_ids: Sequence[int] | None = None,
        *,
        timeout: float = PATIENCE,
        max_payload_values: int | None = None,
    ) -> None:
        many = len(datasets)
        cast, positions = _chosen(many, organization_ids, collaboration_id or 1)
        tables = [_table(each) for each in datasets]
        self._mock = _Mock(tables, module, cast, positions, timeout, max_payload_values)
        super().__init__(self._mock, cast.organizations[0])
        self.n = many
        self.all_organization_ids = list(cast.organizations)
        if node_ids and node_ids[0] != self.host_node_id:
            _log.warning("node_ids are not used: ids of nodes are those of the server")

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
        datasets: Sequence[Any],
        module: str | ModuleType,
        cast: Cast,
        positions: Mapping[int, int],
        timeout: float,
        max_payload_values: int | None,
    ) -> None:
        self._open(datasets, module, cast, positions, timeout, max_payload_values)

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
        return call(AlgorithmCalls(client, _own_organization(client.token)), *args, **kwargs)

    return call if name.startswith("RPC_") else call_master


def _own_organization(token: str) -> int:
    import jwt

    return int(jwt.decode(token, options={"verify_signature": False})["sub"]["organization_id"])


def _chosen(
    many: int, organization_ids: Sequence[int] | None, collaboration: int
) -> tuple[Cast, Mapping[int, int]]:
    """Who takes part, and which positions stand for whom."""
    own = cast_of(many)
    ids = tuple(organization_ids or ())
    if ids and len(ids) != many:
        _log.warning("%s ids for %s datasets: those of the server are used", len(ids), many)
    if len(ids) != many or ids == tuple(range(many)):
        cast = Cast(own.organizations, collaboration)
        return cast, dict(enumerate(cast.organizations))
    wrong = [each for each in (*ids, collaboration + 1) if not 2 <= each <= _HIGHEST + 1]
    if wrong or len(set(ids)) < many:
        raise ValueError(
            f"organization_ids {list(ids)} and collaboration_id {collaboration}: different ids of "
            f"organizations from 2 (1 is the server's own) to {_HIGHEST} are expected, and one of "
            f"a collaboration from 1 to {_HIGHEST}"
        )
    return Cast(ids, collaboration), {}


def _table(dataset: Any) -> Any:
    """What `MockClient` takes, of what the genuine class takes."""
    from v6sim.testing.data import WrongData

    if not isinstance(dataset, Mapping) or "database" not in dataset:
        return dataset
    database, kind = dataset["database"], str(dataset.get("type", "csv")).lower()
    if not isinstance(database, str) or kind == "csv":
        return database
    import pandas as pd

    if kind == "parquet":
        PARQUET.check()
        return pd.read_parquet(database)
    if kind == "excel":
        EXCEL.check()
        return pd.read_excel(database, sheet_name=dataset.get("db_input", {}).get("sheet_name", 0))
    raise WrongData(
        f"the database {database!r} is of type {kind!r}; csv, excel and parquet are read here: "
        "hand over a data frame of what the query gives"
    )
