"""The UI's socket: by polling first, with the token in a header, then by websocket without one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import engineio
import socketio

from tests.commands import PATIENCE
from tests.ui.browser import ORIGIN, Browser

NAMESPACE = "/tasks"
EVENTS = ("message", "node-online", "node-offline", "algorithm_status_change", "task_created")
Event = tuple[str, Any]


class _BrowserEngine(engineio.AsyncClient):  # type: ignore[misc]
    """An Engine.IO client like a browser's, which cannot set headers on a websocket."""

    async def _connect_websocket(self, url: str, headers: Any, engineio_path: str) -> Any:
        bare = {"Origin": headers["Origin"]}
        return await super()._connect_websocket(url, bare, engineio_path)


class _BrowserSocket(socketio.AsyncClient):  # type: ignore[misc]
    """A Socket.IO client on top of that."""

    def _engineio_client_class(self) -> type:
        return _BrowserEngine


class Live:
    """What the UI hears."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self.client = client
        self.heard: list[Event] = []
        self._news = asyncio.Condition()

    async def on(self, name: str, payload: Any) -> None:
        """Take note of an event."""
        async with self._news:
            self.heard.append((name, payload))
            self._news.notify_all()

    async def hears(self, name: str, **fields: Any) -> Any:
        """Wait for an event that has these fields; what it carries."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: self._found(name, fields))
        return self._found(name, fields)

    def _found(self, name: str, fields: dict[str, Any]) -> Any:
        for heard, payload in self.heard:
            if heard == name and all(payload.get(key) == fields[key] for key in fields):
                return payload
        return None


@asynccontextmanager
async def listening(browser: Browser) -> AsyncIterator[Live]:
    """The socket of somebody who is logged in."""
    async with aiohttp.ClientSession() as session:
        client = _BrowserSocket(reconnection=False, http_session=session)
        live = Live(client)
        for name in EVENTS:
            client.on(name, _taking(live, name), namespace=NAMESPACE)
        headers = {"Authorization": f"Bearer {browser.tokens['access_token']}", "Origin": ORIGIN}
        await client.connect(
            browser.server_url, headers=headers, namespaces=[NAMESPACE], wait_timeout=PATIENCE,
            transports=["polling", "websocket"],
        )  # fmt: skip
        try:
            yield live
        finally:
            await client.disconnect()


def _taking(live: Live, name: str) -> Any:
    async def take(payload: Any = None) -> None:
        await live.on(name, payload)

    return take
