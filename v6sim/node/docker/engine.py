"""The Docker engine of this machine, and what of it is ours.

Its library blocks: whatever is asked of it here is asked in a thread of its own, since a run takes
as long as it takes.
"""

import asyncio
import logging
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from v6sim.node.docker.standpoint import Standpoint
from v6sim.node.errors import EngineAway
from v6sim.runtime.extras import DOCKER

if TYPE_CHECKING:
    from docker import APIClient

OWNER = "v6sim.owner"
"""Label: the process that has made it."""

EXECUTOR = "v6sim.executor"
"""Label: the executor, of which a process may have several."""

_CONFLICT = 409

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call something that may take any time, in a thread of its own.

    Being cancelled leaves it to itself.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(value: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value)  # type: ignore[arg-type]

    def act() -> None:
        value, problem = None, None
        try:
            value = function(*args, **kwargs)
        except BaseException as error:  # it is raised where it is waited for
            problem = error
        with suppress(RuntimeError):  # the loop may be gone, and nobody ask any more
            loop.call_soon_threadsafe(tell, value, problem)
        del problem  # whose traceback has this frame: in a circle they would keep sockets open

    threading.Thread(target=act, name=f"docker {function.__name__}", daemon=True).start()
    return await answer


def failures() -> tuple[type[Exception], ...]:
    """What an engine that refuses, or is away, looks like."""
    import docker.errors
    import requests
    import urllib3

    return (
        docker.errors.DockerException,
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
    )


class Engine:
    """A line to the engine, for one executor.

    Raises:
        MissingLibrary: its Python library is not installed.
        EngineAway: it does not answer, or is not on this machine.
    """

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex[:8]
        self.api = _connect()
        self.standpoint = Standpoint.of(self.api)
        self.labels = {OWNER: self.standpoint.owner, EXECUTOR: self.id}

    def name(self, *parts: object) -> str:
        """A name for something of ours."""
        return "-".join(["v6sim", self.id, *map(str, parts)])

    def clear(self) -> None:
        """Remove all that this executor has made."""
        try:
            self._remove({EXECUTOR: self.id}, lambda _: True)
        except failures() as failure:
            logger.warning("the Docker engine is away, `v6sim clean` removes the rest: %s", failure)

    def close(self) -> None:
        """Remove what is left, and hang up."""
        self.clear()
        self.api.close()

    def clean(self) -> list[str]:
        """Remove what is left of processes that have ended; returns the names."""
        return self._remove({}, lambda owner: self.standpoint.is_gone(owner, self.api))

    def remove_container(self, container: str) -> None:
        """Kill and remove a container; when this returns, its name is free."""
        from docker.errors import APIError, NotFound

        with suppress(NotFound):
            try:
                self.api.remove_container(container, force=True, v=True)
            except APIError as error:
                if error.status_code != _CONFLICT:
                    raise
                self.api.wait(container, condition="removed")  # somebody else removes it already

    def _remove(self, labels: Mapping[str, str], chosen: Callable[[str], bool]) -> list[str]:
        removed = []
        for name in self._ours(self.api.containers, labels, chosen, all=True):
            self.remove_container(name)
            removed.append(f"container {name}")
        for name in self._ours(self.api.networks, labels, chosen):
            self.remove_network(name)
            removed.append(f"network {name}")
        return removed

    def remove_network(self, name: str) -> None:
        """Remove a network; whose containers are let go first."""
        from docker.errors import APIError, NotFound

        with suppress(NotFound):
            for container in self.api.inspect_network(name)["Containers"]:  # services of others
                with suppress(APIError):
                    self.api.disconnect_container_from_network(container, name, force=True)
            self.api.remove_network(name)

    def _ours(
        self,
        ask: Callable[..., list[dict[str, object]]],
        labels: Mapping[str, str],
        chosen: Callable[[str], bool],
        **options: bool,
    ) -> Iterator[str]:
        """Names of what has these labels and an owner of ours that is chosen."""
        wanted = [OWNER, *(f"{key}={value}" for key, value in labels.items())]
        for row in ask(filters={"label": wanted}, **options):
            found: Mapping[str, str] = row["Labels"]  # type: ignore[assignment]
            if chosen(found[OWNER]):
                names = row.get("Names")
                yield str(names[0]).lstrip("/") if isinstance(names, list) else str(row["Name"])


def _connect() -> "APIClient":
    docker = DOCKER.load()
    if not sys.platform.startswith("linux"):
        raise EngineAway("the docker executor needs Linux, as its nodes hand sockets to containers")
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except failures() as failure:
        raise EngineAway(f"{failure}{_hint(failure)}") from None
    if not client.api.base_url.startswith("http+docker://local"):  # a Unix socket
        raise EngineAway(
            f"{client.api.base_url} is elsewhere, and an engine of this machine is needed"
        )
    from v6sim.node.docker.transport import share_connections

    api: APIClient = client.api
    share_connections(api)
    return api


def _hint(failure: Exception) -> str:
    """What to do about libraries that do not fit each other."""
    if "http+docker" not in str(failure):
        return ""
    return (
        ": the library docker before 7.1 cannot use requests from 2.32 on; "
        "pip install 'docker>=7.1', or 'requests<2.32'"
    )
