"""Sockets: clients of the protocol that note all they hear."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
import pytest
import socketio

from tests.conftest import API_KEYS, PASSWORDS
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

    async def hears(self, name: str, *payload: Any) -> Any:
        """Wait for an event, one with this payload if it is given; gives its payload."""

        def found() -> list[Any]:
            wanted = [said for other, said in self.heard if other == name]
            return [said for said in wanted if not payload or said == payload[0]]

        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(found)
        return found()[0]


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
        **wishes: str,
    ) -> Ear:
        if token is None and node is not None:
            token = await token_of(http, "node", {"api_key": API_KEYS[node - 1]})
        elif token is None and username is not None:
            login = {"username": username, "password": PASSWORDS[username]}
            token = await token_of(http, "user", login)
        ear = Ear(connections)
        ears.append(ear)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        await ear.client.connect(
            serving.url, headers=headers, namespaces=["/tasks"], wait_timeout=PATIENCE,
            transports=transports, auth=wishes or None,
        )  # fmt: skip
        return ear

    yield connect
    for ear in ears:
        await ear.client.disconnect()


async def token_of(http: httpx.AsyncClient, kind: str, login: dict[str, str]) -> str:
    response = await http.post(f"/token/{kind}", json=login)
    return str(response.json()["access_token"])


async def as_user(http: httpx.AsyncClient, username: str) -> dict[str, str]:
    login = {"username": username, "password": PASSWORDS[username]}
    return {"Authorization": f"Bearer {await token_of(http, 'user', login)}"}
