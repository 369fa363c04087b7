"""Socket.IO: who hears what, seen by genuine clients of the protocol."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import httpx
import pytest
import socketio
from socketio.exceptions import ConnectionError as SocketConnectionError

from tests.conftest import API_KEYS, PASSWORDS, task_body
from v6sim.server.serving import Serving

PATIENCE = 5  # seconds


@pytest.fixture
async def serving(server) -> AsyncIterator[Serving]:
    async with Serving(server) as serving:
        yield serving


@pytest.fixture
async def http(serving) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=serving.api_url) as http:
        yield http


@pytest.fixture
async def connections() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


class Ear:
    """A client that notes all it hears."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.client = socketio.AsyncClient(reconnection=False, http_session=http)
        self.heard: list[tuple[str, Any]] = []
        self.connected_first: list[str] = []
        self._news = asyncio.Condition()
        self.client.on("*", self._note, namespace="/tasks")
        self.client.on("ping", lambda: self.node_id, namespace="/tasks")
        self.node_id: int | None = None

    async def _note(self, name: str, payload: Any = None) -> None:
        async with self._news:
            self.heard.append((name, payload))
            self._news.notify_all()

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    async def hears(self, name: str) -> Any:
        """Wait for an event, and give its payload."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: name in self.names())
        return next(payload for other, payload in self.heard if other == name)


@pytest.fixture
async def listening(serving, http, connections) -> AsyncIterator[Any]:
    """Listeners: by username or `node=1`, over websocket or polling first."""
    ears: list[Ear] = []

    async def connect(
        username: str | None = None,
        *,
        node: int | None = None,
        token: str | None = None,
        transports: list[str] | None = None,
    ) -> Ear:
        if token is None and node is not None:
            token = await _token(http, "node", {"api_key": API_KEYS[node - 1]})
        elif token is None and username is not None:
            login = {"username": username, "password": PASSWORDS[username]}
            token = await _token(http, "user", login)
        ear = Ear(connections)
        ears.append(ear)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        await ear.client.connect(
            serving.url, headers=headers, namespaces=["/tasks"], wait_timeout=PATIENCE,
            transports=transports,
        )  # fmt: skip
        return ear

    yield connect
    for ear in ears:
        await ear.client.disconnect()


async def _token(http: httpx.AsyncClient, kind: str, login: dict[str, str]) -> str:
    response = await http.post(f"/token/{kind}", json=login)
    return str(response.json()["access_token"])


async def _as(http: httpx.AsyncClient, username: str) -> dict[str, str]:
    login = {"username": username, "password": PASSWORDS[username]}
    return {"Authorization": f"Bearer {await _token(http, 'user', login)}"}


async def test_a_node_is_online_while_it_is_connected(listening, http) -> None:
    headers = await _as(http, "root")
    admin = await listening("collaboration_admin")
    node = await listening(node=1)
    payload = await admin.hears("node-online")
    assert payload == {
        "id": payload["id"],
        "name": "example_org1 - example_collab1 Node",
        "org_id": 2,
    }
    online = (await http.get("/node?status=online", headers=headers)).json()
    assert [row["id"] for row in online] == [payload["id"]]
    await node.client.disconnect()
    assert await admin.hears("node-offline") == payload
    assert (await http.get("/node?status=online", headers=headers)).json() == []


async def test_a_new_task_is_told_to_all_nodes_of_its_collaboration(listening, http) -> None:
    nodes = [await listening(node=number) for number in (1, 2, 3)]
    headers = await _as(http, "researcher")
    task = (await http.post("/task", json=task_body(2), headers=headers)).json()
    for node in nodes:
        assert await node.hears("new_task") == task["id"]
        assert await node.hears("task_created") == {
            "task_id": task["id"], "run_id": 1, "collaboration_id": 1, "init_org_id": 2,
        }  # fmt: skip
        assert node.names().index("task_created") < node.names().index("new_task")


async def test_a_researcher_hears_only_of_the_own_node(listening, http) -> None:
    researcher = await listening("researcher")
    await listening(node=2)
    await listening(node=1)
    headers = await _as(http, "researcher")
    await http.post("/task", json=task_body(2), headers=headers)
    admin = await listening("collaboration_admin")
    await admin.hears("message")
    told = [payload for name, payload in researcher.heard if name == "node-online"]
    assert [payload["org_id"] for payload in told] == [2]
    assert "new_task" not in researcher.names()


async def test_what_a_node_says_of_a_run_is_passed_on_with_its_job(listening, http) -> None:
    admin, node = await listening("collaboration_admin"), await listening(node=1)
    headers = await _as(http, "researcher")
    await http.post("/task", json=task_body(2), headers=headers)
    said = {"status": "active", "result_id": 1, "task_id": 1, "collaboration_id": 1, "node_id": 8}
    await node.client.emit("algorithm_status_change", said, namespace="/tasks")
    heard = await admin.hears("algorithm_status_change")
    assert heard == {**said, "organization_id": None, "parent_id": None, "run_id": 1}


async def test_a_kill_lists_each_unfinished_run_with_its_own_task(listening, http) -> None:
    node = await listening(node=1)
    headers = await _as(http, "researcher")
    await http.post("/task", json=task_body(2, 3), headers=headers)
    root = await _as(http, "root")
    assert (await http.post("/kill/task", json={"id": 1}, headers=root)).status_code == 200
    assert await node.hears("kill_containers") == {
        "collaboration_id": 1,
        "kill_list": [
            {"task_id": 1, "result_id": 1, "organization_id": 2},
            {"task_id": 1, "result_id": 2, "organization_id": 3},
        ],
    }


@pytest.mark.parametrize("token", [None, "nonsense"])
async def test_without_a_good_token_there_is_no_connection(listening, token) -> None:
    with pytest.raises(SocketConnectionError):
        await listening(token=token)


async def test_an_expired_token_is_told_so_and_hears_nothing_else(listening, http, clock) -> None:
    token = await _token(http, "node", {"api_key": API_KEYS[0]})
    clock.shift(timedelta(hours=7))
    node = await listening(token=token)
    await node.hears("expired_token")
    assert node.names() == ["expired_token"]


async def test_polling_works_where_web_sockets_do_not(listening) -> None:
    ear = await listening("collaboration_admin", transports=["polling"])
    await listening(node=1)
    await ear.hears("node-online")
    assert ear.client.transport() == "polling"


async def test_the_default_namespace_accepts_anybody(serving, connections) -> None:
    client = socketio.AsyncClient(reconnection=False, http_session=connections)
    await client.connect(serving.url, wait_timeout=PATIENCE)
    assert client.connected
    await client.disconnect()


async def test_who_is_connected_is_still_online_after_a_reset(listening, http, serving) -> None:
    await listening(node=1)
    secret = {"Authorization": f"Bearer {serving.server.secret}"}
    reset = await http.post(f"{serving.url}/_v6sim/reset", headers=secret)
    assert reset.status_code == 204
    headers = await _as(http, "root")
    rows = (await http.get("/node?status=online", headers=headers)).json()
    assert [row["organization"]["id"] for row in rows] == [2]
