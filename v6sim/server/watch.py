"""Stands before the API: takes down each request, and has some fail where that is wanted."""

import asyncio
import json
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from v6sim.server.access.callers import Caller
from v6sim.server.clock import Clock
from v6sim.server.faults import Fault, Faults
from v6sim.server.journal import Journal

CONTROL = "/_v6sim"
_LONGEST = 20_000  # bytes of a body that are looked at


class Watch:
    """Watches the requests of an app.

    Args:
        app: what answers them.
        api_path: what comes before the paths of the API.
        clock: what time it is.
        journal: where they are taken down.
        faults: which of them fail.
    """

    def __init__(
        self, app: ASGIApp, api_path: str, clock: Clock, journal: Journal, faults: Faults
    ) -> None:
        self._app, self._api_path, self._clock = app, api_path, clock
        self._journal, self._faults = journal, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        seen = _Seen(scope, receive, send)
        path = scope["path"].removeprefix(self._api_path)
        at, begun = self._clock.now(), time.perf_counter()
        try:
            fault = self._faults.draw(scope["method"], path)
            if fault is None or await _misbehave(fault, seen.send):
                await self._app(seen.scope, seen.receive, seen.send)
        finally:
            self._journal.note(
                at, scope["method"], path, scope["query_string"].decode("latin-1"), seen.caller,
                seen.status, time.perf_counter() - begun, bytes(seen.body),
            )  # fmt: skip


class _Seen:
    """One request as it passes by."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._state: dict[str, Any] = dict(scope.get("state") or {})
        self.scope = {**scope, "state": self._state}
        self._receive, self._send = receive, send
        self.body = bytearray()
        self.status = 0

    @property
    def caller(self) -> Caller | None:
        """Who asked; None if nobody signed in."""
        caller: Caller | None = self._state.get("caller")
        return caller

    async def receive(self) -> Message:
        """Pass on a part of the body."""
        message = await self._receive()
        if len(self.body) < _LONGEST:
            self.body += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


async def _misbehave(fault: Fault, send: Send) -> bool:
    """Do as the fault says; returns whether the app is to answer nevertheless."""
    await asyncio.sleep(fault.seconds)
    if fault.kind == "slow":
        return True
    content = json.dumps({"msg": "a fault that somebody asked for"}).encode()
    length = len(content) + (1000 if fault.kind == "cut" else 0)  # promised, and not kept
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(length).encode()),
        (b"access-control-allow-origin", b"*"),
    ]
    status = 200 if fault.kind == "cut" else fault.status
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": fault.kind == "cut"})
    return False
