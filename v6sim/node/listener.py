"""What a node hears from its server: a Socket.IO connection that is made again when it breaks."""

import asyncio
import contextlib
import logging
from typing import Any, Protocol

from v6sim.node.errors import NodeRefused, ServerRefused
from v6sim.node.line import backoff
from v6sim.node.link import Link
from v6sim.wire.sockets import socketio

NAMESPACE = "/tasks"
_SECONDS_TO_CONNECT = 15
_SECONDS_TO_LEAVE = 2.0

logger = logging.getLogger(__name__)


class Ears(Protocol):
    """Who is told what is heard."""

    def heard_connected(self) -> None:
        """The node is online, anew or again; it may have missed anything before."""

    def heard_disconnected(self) -> None:
        """It is not any more."""

    def heard_task(self) -> None:
        """There may be work."""

    def heard_kill(self, order: dict[str, Any]) -> None:
        """Runs are to be killed; the order says which."""


class Listener:
    """Keeps a node connected.

    Args:
        link: the node's line to the server.
        node_id: what to acknowledge pings with.
        ears: who is told what is heard.
    """

    def __init__(self, link: Link, node_id: int, ears: Ears) -> None:
        self._link, self._node_id, self._ears = link, node_id, ears
        self._client: socketio.AsyncClient | None = None
        self.breaks = 0
        """How often a connection has ended: the server may have started over since."""

    async def listen(self) -> None:
        """Connect, and connect again whenever the connection ends; until cancelled.

        Raises:
            NodeRefused: the server does not know the node's api key any more.
        """
        delays = backoff()
        while True:
            token = self._link.token
            try:
                if await self._connection(token):
                    await self._link.renew(token)
                    continue
                delays = backoff()
            except NodeRefused:
                raise
            except Exception as error:  # whatever it is: without a connection no work is heard of
                is_known = isinstance(error, socketio.exceptions.ConnectionError | ServerRefused)
                logger.info("no connection for events: %s", error, exc_info=not is_known)
            await asyncio.sleep(next(delays))
            with contextlib.suppress(ServerRefused):  # this waits for it, and renews the token
                await self._link.ask("GET", f"node/{self._node_id}")

    async def emit(self, event: str, data: dict[str, Any]) -> None:
        """Tell the server; without a connection nobody is told."""
        if self._client is not None:
            with contextlib.suppress(socketio.exceptions.SocketIOError):
                await self._client.emit(event, data, namespace=NAMESPACE)

    async def _connection(self, token: str) -> bool:
        """The life of one connection; returns whether it ended as its token had expired."""
        client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=self._link.line.http
        )
        expired = asyncio.Event()
        self._attach(client, expired)
        try:
            await client.connect(
                self._link.line.address.root,
                headers={"Authorization": f"Bearer {token}"},
                auth={"hear": "work"},  # v6sim's server then spares it what becomes of others' runs
                transports=["websocket"],
                namespaces=[NAMESPACE],
                wait_timeout=_SECONDS_TO_CONNECT,
            )
            if not expired.is_set():
                self._client = client
                self._ears.heard_connected()
                await asyncio.shield(client.eio.wait())  # whose own task must not be cancelled
        finally:
            if self._client is client:
                self._client = None
                self.breaks += 1
                self._ears.heard_disconnected()
            await _leave(client)
            client.eio.http = None  # which it would close when it is collected, and others use
        return expired.is_set()

    def _attach(self, client: socketio.AsyncClient, expired: asyncio.Event) -> None:
        async def on_expired(*_: Any) -> None:
            expired.set()
            await client.eio.disconnect()

        def on_kill(data: Any) -> None:
            self._ears.heard_kill(data if isinstance(data, dict) else {})

        client.on("new_task", lambda *_: self._ears.heard_task(), namespace=NAMESPACE)
        client.on("kill_containers", on_kill, namespace=NAMESPACE)
        client.on("ping", lambda *_: self._node_id, namespace=NAMESPACE)
        client.on("expired_token", on_expired, namespace=NAMESPACE)


async def _leave(client: socketio.AsyncClient) -> None:
    """Say good-bye, without insisting on an answer."""
    with contextlib.suppress(TimeoutError, socketio.exceptions.SocketIOError):
        async with asyncio.timeout(_SECONDS_TO_LEAVE):
            await client.disconnect()
