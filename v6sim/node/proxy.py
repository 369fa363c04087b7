"""What an algorithm sees as its server: an address of its own for each node, without an API path.

Here inputs of subtasks are encrypted for their receivers, and results decrypted (reference: node,
section 7). Unlike the genuine proxy it passes on all values of a repeated parameter, and does not
repeat a POST that the server has refused.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from v6sim.node.departures import Departure, Witness
from v6sim.node.limits import Limits
from v6sim.node.line import FAILURES, PLAIN, Answer, RequestOptions
from v6sim.node.link import Link
from v6sim.node.master_waits import MasterWaits
from v6sim.node.proxy_bodies import (
    PayloadTooLarge,
    check_inputs,
    check_results,
    pass_on,
    read_body,
    send_value,
)
from v6sim.wire.cryptor import Cryptor
from v6sim.wire.keys import WrongKey
from v6sim.wire.long_text import LongText
from v6sim.wire.payload import UnreadablePayload, encode, to_bytes
from v6sim.wire.sizes import MIB

_TRIES = 3
_PATIENCE = 60
_WELL = 210
"""The highest status that counts as success, here and in the genuine parts."""
_LARGEST = 4 * MIB
"""The largest body of a request that is not for a new task."""
_OF_ONE_HOP = {"connection", "content-encoding", "content-length", "date", "keep-alive", "server",
               "transfer-encoding"}  # fmt: skip

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visitor:
    """A run whose algorithm talks to the proxy.

    Args:
        run_id: its id.
        created_subtask: is called when it has created one.
        notes: takes lines for its log: why its requests failed, which the algorithm is not told.
        task_id: the task that it is a part of.
        parent_id: that task's parent, if it has one.
        say: takes lines that its log is to have while it runs.
    """

    run_id: int
    created_subtask: Callable[[], None]
    notes: list[str] = field(default_factory=list)
    task_id: int | None = None
    parent_id: int | None = None
    say: Callable[[str], None] = lambda _line: None


class _Failed(Exception):
    """The server could not be made to answer well."""


class Proxy:
    """The proxy of one node.

    Args:
        link: the node's line to the server.
        node_id: the node.
        cryptor: seals and opens payloads.
        witness: is told what leaves.
        patience: seconds for which a server that is away is waited for, per request.
        limits: how large inputs and results may be.
    """

    def __init__(
        self,
        link: Link,
        node_id: int,
        cryptor: Cryptor,
        witness: Witness,
        patience: float = _PATIENCE,
        limits: Limits | None = None,
    ) -> None:
        self._link, self._node_id, self._cryptor, self._witness = link, node_id, cryptor, witness
        self._patience, self._limits = patience, limits or Limits()
        self._visitors: dict[str, Visitor] = {}
        self._waits = MasterWaits(link)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Be ready to answer where it is told to listen."""
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_post("/task", self._create_task)
        app.router.add_get(r"/task/{id:\d+}/result", self._results)
        app.router.add_get(r"/result/{id:\d+}", self._results)
        app.router.add_route("*", "/{path:.+}", self._forward)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()

    async def listen(self) -> int:
        """Answer on the loopback address, and a port that the system gives; returns the port."""
        assert self._runner is not None
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port: int = self._runner.addresses[-1][1]
        return port

    async def listen_at(self, path: Path) -> None:
        """Answer on a Unix socket, which is made there."""
        assert self._runner is not None
        folder = os.open(path.parent, os.O_RDONLY)
        try:  # by a name that is short, as that of a socket has to be
            await web.UnixSite(self._runner, f"/proc/self/fd/{folder}/{path.name}").start()
        finally:
            os.close(folder)

    async def stop(self) -> None:
        """Answer no more."""
        self._waits.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    def admit(self, token: str, visitor: Visitor) -> None:
        """Know a run by its token from now on."""
        self._visitors[token] = visitor

    def dismiss(self, token: str) -> None:
        """Know it no more."""
        if (visitor := self._visitors.pop(token, None)) is not None:
            self._waits.forget(visitor.run_id)

    # --- routes ---

    async def _create_task(self, request: web.Request) -> web.Response:
        try:
            body = await read_body(request, self._limits)
            organizations = body.get("organizations") if isinstance(body, dict) else None
            check_inputs(organizations, self._limits)
        except PayloadTooLarge as error:
            self._failed(request, f"POST /task: {error}")
            return _answer({"msg": str(error)}, 413)
        if not organizations:
            return _answer({"msg": "Organizations missing from input"}, 400)
        visitor = self._visitor(request)
        around = {key: value for key, value in body.items() if key != "organizations"}
        self._leaves_as_request(request, orjson.dumps(around))
        try:
            sealed = [await self._sealed(each, request) for each in organizations]
            answer = await self._ask(request, {**body, "organizations": sealed})
        except _Failed:
            return _failure()
        if visitor is not None:
            visitor.created_subtask()
        return _answer(answer.json)

    async def _results(self, request: web.Request) -> web.StreamResponse:
        self._leaves_as_request(request)
        encrypted = self._cryptor.encrypted
        keep = self._limits.longest_result if encrypted else inf
        try:
            options = RequestOptions(longest=keep, in_parts=not encrypted)
            answer = await self._ask(request, options=options)
            check_results(answer.json if encrypted else None, self._limits)
        except PayloadTooLarge as error:
            self._failed(request, f"GET {request.path_qs}: {error}")
            return _failure()
        except _Failed:
            return _failure()
        if encrypted:
            return await send_value(request, await asyncio.to_thread(self._opened, answer.json))
        return await pass_on(request, answer, {"Content-Type": "application/json"})

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        self._leaves_as_request(request, await request.read())
        begun = asyncio.get_running_loop().time()
        try:
            options = RequestOptions(in_parts=True)
            answer = await self._ask(request, await _json_of(request), options)
        except _Failed:
            return _failure()
        if (visitor := self._visitor(request)) is not None:
            self._waits.note(visitor.run_id, request.path, begun, answer, visitor.say)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in _OF_ONE_HOP}
        return await pass_on(request, answer, headers)

    # --- what they do ---

    async def _sealed(self, organization: dict[str, Any], request: web.Request) -> dict[str, Any]:
        """The same entry of a new task, with its input readable only for its organization."""
        receiver, sealed = organization.get("id", 0), organization
        try:
            plain = to_bytes(organization.get("input") or "")
            if self._cryptor.encrypted:
                key = await self._public_key(receiver, request)
                text = await asyncio.to_thread(self._cryptor.encrypt, plain, key)
                sealed = {**organization, "input": text}
        except UnreadablePayload as error:
            if not self._cryptor.encrypted:
                given = str(organization["input"]).encode()
                self._leaves(request, "subtask input", (receiver,), given)
                return organization
            raise self._failed(request, f"POST /task: its input is {error}") from None
        except WrongKey as error:
            note = f"POST /task: its input cannot be encrypted for organization {receiver}: {error}"
            raise self._failed(request, note) from None
        self._leaves(request, "subtask input", (receiver,), plain)
        return sealed

    async def _public_key(self, organization_id: object, request: web.Request) -> str:
        """What to encrypt with for an organization, as the algorithm's token shows it."""
        path = f"{self._link.line.address.path}/organization/{organization_id}"
        answer = await self._try(request, "GET", path)
        return answer.json["public_key"] or ""

    def _opened(self, rows: Any) -> Any:
        """The same rows, with results in plain; one that cannot be opened stays as it is."""
        if isinstance(rows, list):
            return [self._opened(row) for row in rows]
        if not isinstance(rows, dict):
            return rows
        if "data" in rows:
            return {**rows, "data": self._opened(rows["data"])}
        if not rows.get("result"):
            return rows
        try:
            plain = self._cryptor.decrypt(sealed := rows["result"])
        except ValueError:
            return rows
        if isinstance(sealed, LongText):
            sealed.clear()  # nobody needs both forms
        return {**rows, "result": encode(plain)}

    async def _ask(
        self, request: web.Request, body: Any = None, options: RequestOptions = PLAIN
    ) -> Answer:
        """What the server answers to this request, with another body perhaps."""
        path = self._link.line.address.path + request.path
        return await self._try(request, request.method, path, body, request.query, options)

    async def _try(
        self, request: web.Request, method: str, path: str, body: Any = None, query: Any = None,
        options: RequestOptions = PLAIN,
    ) -> Answer:  # fmt: skip
        """Up to three tries without pause; any answer to a POST is final.

        A server that is away is waited for, so that an algorithm survives its restart.
        """
        bearer = _bearer(request)
        problem = ""
        for _ in range(_TRIES):
            try:
                answer = await self._link.line.send_when_back(
                    method, path, bearer, body, query, seconds=self._patience, options=options
                )
            except FAILURES as failure:
                problem = repr(failure)
                break
            if answer.status <= _WELL:
                return answer
            problem = f"{answer.status} {answer.said}"
            if method == "POST":
                break
        raise self._failed(request, f"the server refused {method} {request.path_qs}: {problem}")

    def _failed(self, request: web.Request, note: str) -> _Failed:
        """The error of a request that came to nothing, noted for who reads the run's log."""
        if not self._link.line.http.closed:  # at the end nobody wants to know any more
            logger.warning("a request of an algorithm's failed: %s", note)
        visitor = self._visitor(request)
        if visitor is not None:
            visitor.notes.append(note)
        return _Failed()

    def _visitor(self, request: web.Request) -> Visitor | None:
        return self._visitors.get(_bearer(request))

    def _leaves_as_request(self, request: web.Request, body: bytes = b"") -> None:
        asked = f"{request.method} {request.path_qs}\n".encode()
        self._leaves(request, "request", (), asked + body)

    def _leaves(self, request: web.Request, kind: Any, to: tuple[int, ...], content: bytes) -> None:
        visitor = self._visitor(request)
        known = (visitor.run_id, visitor.task_id, visitor.parent_id) if visitor else (None,) * 3
        run_id, task_id, parent_id = known
        self._witness(Departure(self._node_id, run_id, kind, to, content, task_id, parent_id))


def _bearer(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


async def _json_of(request: web.Request) -> Any:
    """The request's body; None if there is none, or it is no JSON."""
    try:
        return orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return None


def _answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def _failure() -> web.Response:
    return _answer({"msg": "Request failed, see node logs"}, 500)
