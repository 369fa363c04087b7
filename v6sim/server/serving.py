"""Serving: a server on a port of this machine, for as long as it is wanted."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from v6sim.runtime.hosts import address_of, local_url
from v6sim.runtime.secret_file import SecretNotKept, secret_kept
from v6sim.server.app import Server
from v6sim.server.errors import PortTaken
from v6sim.server.v3.socket_frames import MOST_BYTES

_WAITING = 2048  # connections that are not accepted yet
_PATIENCE = 1  # seconds that open requests get at the end
_IDLE = 75
"""Seconds until a connection without requests is closed: longer than clients keep theirs, which
else may send the next one just then, and see it broken off."""


logger = logging.getLogger(__name__)


class _Uvicorn(uvicorn.Server):
    """One that leaves signals to its owner, and says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are for the owner of the loop to handle."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self.ready.set()


class Serving:
    """A server that listens; an asynchronous context manager.

    Args:
        server: what to serve, at the host that it says.
        port: port to listen on; 0 takes a free one.

    Raises:
        PortTaken: somebody else listens there already (at entering the context).
    """

    def __init__(self, server: Server, port: int = 0) -> None:
        self.server = server
        self._host, self._port = server.listening, port
        self.secret_file: Path | None = None
        """Where programs of this user find the secret of the server, if it has one and is kept."""
        self._stack = contextlib.ExitStack()
        self._uvicorn: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without the API path."""
        return address_of(self._host, self._port)

    @property
    def local_url(self) -> str:
        """The same for programs and browsers of this machine, if it listens on all addresses."""
        return local_url(self._host, self._port)

    @property
    def api_url(self) -> str:
        """Where its API is; without a path, a slash says so."""
        return self.url + (self.server.core.settings.api_path or "/")

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self.server.app, log_config=None, access_log=False, lifespan="on",
            timeout_graceful_shutdown=_PATIENCE, timeout_keep_alive=_IDLE,
            server_header=False, date_header=False, proxy_headers=False,
            ws_per_message_deflate=False, ws_max_size=4 * MOST_BYTES,
        )  # fmt: skip
        self._uvicorn = _Uvicorn(config)
        self._task = asyncio.create_task(self._uvicorn.serve(sockets=[listener]))
        ready = asyncio.create_task(self._uvicorn.ready.wait())
        try:
            await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self._end()
            raise
        finally:
            ready.cancel()
        if self._task.done():
            await self._task
        self._keep_secret()
        return self

    def _keep_secret(self) -> None:
        """Have the secret in its file as long as the server listens."""
        if not self.server.core.settings.control:
            return
        try:
            kept = secret_kept(self._host, self._port, self.server.secret)
            self.secret_file = self._stack.enter_context(kept)
        except SecretNotKept as problem:
            logger.warning("%s. Give one by V6SIM_CONTROL_TOKEN, to it and to who asks it", problem)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening, and let go of the database."""
        self._stack.close()
        self.server.core.holds.close()
        self.server.core.feeds.close()
        self.server.workers.kill()
        await self._end()

    async def _end(self) -> None:
        if self._uvicorn and self._task:
            self._uvicorn.should_exit = True
            await self._task


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_WAITING)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise PortTaken(host, port, error.strerror or "") from None
        raise
    listener.setblocking(False)
    return listener
