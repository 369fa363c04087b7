"""Nodes at a real server, and people who give them tasks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from pydantic import SecretStr

from tests.conftest import API_KEYS, PASSWORDS
from v6sim.node.departures import Departure
from v6sim.node.executors.base import Executor
from v6sim.node.executors.inline import InlineExecutor
from v6sim.node.line import new_session
from v6sim.node.node import Node
from v6sim.node.places import Places
from v6sim.node.settings import NodeSettings
from v6sim.server.app import Server
from v6sim.server.events import Event, RunUpdated
from v6sim.server.serving import Serving
from v6sim.wire import payload
from v6sim.world import World
from v6sim.world.algorithm import Algorithm

WORLD = World.load("manual")
AVERAGE = "harbor2.vantage6.ai/demo/average"
ORGANIZATIONS = (2, 3, 4)
PATIENCE = 10


class News:
    """What happens at a server, to be waited for."""

    def __init__(self, server: Server) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        server.core.events.subscribe(self._queue.put_nowait)

    async def of_run(self, status: str) -> RunUpdated:
        """Wait until a run is reported with this status."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self._queue.get()
                if isinstance(event, RunUpdated) and event.status == status:
                    return event


class Person:
    """A user of the server."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the server; whatever is no success is an error here."""
        response = await self._http.request(method, path, json=body)
        response.raise_for_status()
        return response.json()

    async def send(
        self,
        method: str,
        *organizations: int,
        image: str = AVERAGE,
        master: bool = False,
        database: str = "default",
        **kwargs: Any,
    ) -> int:
        """Create a task; returns its id."""
        given = {"method": method, "master": master, "kwargs": kwargs}
        content = payload.to_text(payload.serialize(given))
        body = {
            "name": method,
            "image": image,
            "collaboration_id": 1,
            "organizations": [{"id": each, "input": content} for each in organizations],
            "database": database,
        }
        task: int = (await self.ask("POST", "/task", body))["id"]
        return task

    async def runs(self, task: int) -> list[dict[str, Any]]:
        """The runs of a task, once all are finished."""
        async with asyncio.timeout(PATIENCE):
            while not (await self.ask("GET", f"/task/{task}"))["complete"]:
                pass  # the server holds its answer back until something changes
        rows: list[dict[str, Any]] = await self.ask("GET", f"/task/{task}/result")
        return rows

    async def answers(self, task: int) -> list[Any]:
        """What the runs of a task returned; all must complete."""
        runs = await self.runs(task)
        assert {run["status"] for run in runs} == {"completed"}, [run["log"] for run in runs]
        return [payload.read(payload.to_bytes(run["result"])) for run in runs]

    async def run(self, method: str, organization: int = 2, **options: Any) -> dict[str, Any]:
        """Create a task at one organization, and give its run once that is finished."""
        (run,) = await self.runs(await self.send(method, organization, **options))
        return run


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """A server that holds back answers to those who wait for a task."""
    return make_server(hold_seconds=5)


@pytest.fixture
async def serving(server: Server) -> AsyncIterator[Serving]:
    async with Serving(server) as serving:
        yield serving


@pytest.fixture
async def news(server: Server) -> News:
    return News(server)


@pytest.fixture
async def person(serving: Serving) -> AsyncIterator[Callable[[str], Awaitable[Person]]]:
    """Users who are logged in, by their name."""
    clients: list[httpx.AsyncClient] = []

    async def make(username: str) -> Person:
        http = httpx.AsyncClient(base_url=serving.api_url, timeout=PATIENCE)
        clients.append(http)
        login = {"username": username, "password": PASSWORDS[username]}
        tokens = (await http.post("/token/user", json=login)).json()
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return Person(http)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def researcher(person: Callable[[str], Awaitable[Person]]) -> Person:
    return await person("researcher")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """One session for all nodes."""
    async with new_session() as session:
        yield session


@pytest.fixture
async def executor() -> AsyncIterator[Executor]:
    """Runs the average, and the algorithms of the tests, in this process."""
    here = Path(__file__).parent
    executor = InlineExecutor(
        {
            AVERAGE: WORLD.algorithms[AVERAGE],
            "probe": Algorithm(package=str(here / "executors" / "probe")),
            "masters": Algorithm(package=str(here / "masters.py")),
        }
    )
    yield executor
    await executor.close()


@pytest.fixture
def departures() -> list[Departure]:
    """What has left the nodes."""
    return []


@pytest.fixture
async def make_node(
    serving: Serving,
    executor: Executor,
    http: aiohttp.ClientSession,
    departures: list[Departure],
) -> AsyncIterator[Callable[..., Node]]:
    """Make the nodes of the manual's world, by number; they are stopped at the end."""
    nodes: list[Node] = []

    def make(number: int = 1, places: Places | None = None, **changes: Any) -> Node:
        settings: dict[str, Any] = {
            "server": serving.api_url,
            "api_key": SecretStr(API_KEYS[number - 1]),
            "databases": WORLD.collaborations[0].participants[number - 1].databases,
            **changes,
        }
        node = Node(NodeSettings(**settings), executor, places or Places(), http, departures.append)
        nodes.append(node)
        return node

    yield make
    for node in nodes:
        await node.stop()


@pytest.fixture
async def node(make_node: Callable[..., Node]) -> Node:
    """The node of organization 2, at work."""
    node = make_node()
    await node.start()
    return node


@pytest.fixture
async def nodes(make_node: Callable[..., Node]) -> list[Node]:
    """All three nodes, at work."""
    nodes = [make_node(number) for number in (1, 2, 3)]
    await asyncio.gather(*(node.start() for node in nodes))
    return nodes
