"""Stands before the API: takes down each request, and has some fail where that is wanted."""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from v6sim.server.access.callers import Caller
from v6sim.server.access.tokens import Tokens
from v6sim.server.clock import Clock
from v6sim.server.faults import Fault, Faults
from v6sim.server.journal import Journal

_LONGEST = 20_000  # bytes of a body that are looked at
_PROMISED = 1_000_000  # bytes of an answer that breaks off

_Header = tuple[bytes, bytes]


class Watch:
    """Watches the requests of an app.

    Args:
        app: what answers them.
        api_path: what comes before the paths of the API.
        clock: what time it is.
        journal: where they are taken down.
        faults: which of them fail.
        tokens: knows how one looks that has expired.
    """

    def __init__(
        self, app: ASGIApp, api_path: str, clock: Clock, journal: Journal, faults: Faults,
        tokens: Tokens,
    ) -> None:  # fmt: skip
        self._app, self._api_path, self._clock = app, api_path, clock
        self._journal, self._faults, self._tokens = journal, faults, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(scope, receive, send)
        path = scope["path"].removeprefix(self._api_path)
        at, begun = self._clock.now(), time.perf_counter()
        try:
            fault = self._faults.draw(scope["method"], path)
            if fault is None:
                await self._app(seen.scope, seen.receive, seen.send)
            else:
                await self._misbehave(fault, seen)
        finally:
            self._journal.note(
                at, scope["method"], path, scope["query_string"].decode("latin-1"), seen.caller,
                seen.status, time.perf_counter() - begun, bytes(seen.body),
            )  # fmt: skip

    async def _misbehave(self, fault: Fault, seen: "_Seen") -> None:
        """Answer as the fault says."""
        await asyncio.sleep(fault.seconds)
        match fault.kind:
            case "slow":
                await self._app(seen.scope, seen.receive, seen.send)
            case "expired":
                scope = {**seen.scope, "headers": list(self._expired(seen.scope["headers"]))}
                await self._app(scope, seen.receive, seen.send)
            case "lost":
                await self._app(seen.scope, seen.receive, seen.send_half)
            case "cut":
                await _answer(200, seen.send_half)
            case "status":
                await _answer(fault.status, seen.send)

    def _expired(self, headers: Iterable[_Header]) -> Iterator[_Header]:
        """The same headers with a token of the past."""
        for name, value in headers:
            word, _, token = value.decode("latin-1").partition(" ")
            if name == b"authorization" and word == "Bearer":
                yield name, f"{word} {self._tokens.expired(token)}".encode("latin-1")
            else:
                yield name, value


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

    async def send_half(self, message: Message) -> None:
        """Pass on the first half of the answer, and promise more than comes."""
        if message["type"] == "http.response.start":
            kept = [each for each in message["headers"] if each[0].lower() != b"content-length"]
            promised = (b"content-length", str(_PROMISED).encode())
            await self.send({**message, "headers": [*kept, promised]})
        else:
            body = message.get("body", b"")
            await self.send({**message, "body": body[: len(body) // 2], "more_body": True})


async def _answer(status: int, send: Send) -> None:
    """Answer that there is a fault."""
    content = json.dumps({"msg": "a fault that somebody asked for"}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
