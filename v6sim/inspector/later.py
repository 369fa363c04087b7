"""Putting the inspector into a server, without the cost of it before somebody looks."""

import asyncio
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from v6sim.server.app import Server


def install(server: "Server") -> None:
    """Show pages about a server at /_v6sim/, unless its settings say not to."""
    if server.core.settings.inspector != "off":
        server.front.pages = _Later(server)


class _Later:
    """Makes the inspector when it is asked for the first time."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._app: ASGIApp | None = None
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        async with self._making:
            if self._app is None:
                self._app = await asyncio.to_thread(_make, self._server)
        await self._app(scope, receive, send)


def _make(server: "Server") -> ASGIApp:
    from v6sim.inspector.gate import Gate

    return Gate(server)
