"""What an algorithm sees as its server: an address of its own for each node, without an API path.

Here inputs of subtasks are encrypted for their receivers, and results decrypted (reference: node,
section 7). Unlike the genuine proxy it passes on all values of a repeated parameter, and does not
repeat a POST that the server has refused.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from v6sim.node.departures import Departure, Witness
from v6sim.node.line import FAILURES, Answer
from v6sim.node.link import Link
from v6sim.wire.cryptor import Cryptor
from v6sim.wire.keys import WrongKey
from v6sim.wire.payload import UnreadablePayload, to_bytes, to_text

_TRIES = 3
_PATIENCE = 60
_WELL = 210
"""The highest status that counts as success, here and in the genuine parts."""
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
    """

    run_id: int
    created_subtask: Callable[[], None]
    notes: list[str] = field(default_factory=list)


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
    """

    def __init__(
        self,
        link: Link,
        node_id: int,
        cryptor: Cryptor,
        witness: Witness,
        patience: float = _PATIENCE,
    ) -> None:
        self._link, self._node_id, self._cryptor, self._witness = link, node_id, cryptor, witness
        self._patience = patience
        self._visitors: dict[str, Visitor] = {}
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Begin to answer, on the loopback address and a port that the system gives."""
        app = web.Application(client_max_size=2**40)
        app.router.add_post("/task", self._create_task)
        app.router.add_get(r"/task/{id:\d+}/result", self._results)
        app.router.add_get(r"/result/{id:\d+}", self._results)
        app.router.add_route("*", "/{path:.+}", self._forward)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Answer no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def admit(self, token: str, visitor: Visitor) -> None:
        """Know a run by its token from now on."""
        self._visitors[token] = visitor

    def dismiss(self, token: str) -> None:
        """Know it no more."""
        self._visitors.pop(token, None)

    # --- routes ---

    async def _create_task(self, request: web.Request) -> web.Response:
        body = await _json_of(request)
        organizations = body.get("organizations") if isinstance(body, dict) else None
        if not organizations:
            return _answer({"msg": "Organizations missing from input"}, 400)
        visitor = self._visitor(request)
        try:
            sealed = [await self._sealed(each, request) for each in organizations]
            answer = await self._ask(request, {**body, "organizations": sealed})
        except _Failed:
            return _failure()
        if visitor is not None:
            visitor.created_subtask()
        return _answer(answer.json)

    async def _results(self, request: web.Request) -> web.Response:
        try:
            answer = await self._ask(request)
        except _Failed:
            return _failure()
        if self._cryptor.encrypted:
            return _answer(await asyncio.to_thread(self._opened, answer.json))
        return web.Response(body=answer.body, content_type="application/json")

    async def _forward(self, request: web.Request) -> web.Response:
        content = await request.read()
        asked = f"{request.method} {request.path_qs}\n".encode()
        self._leaves(request, "request", (), asked + content)
        try:
            answer = await self._ask(request, await _json_of(request))
        except _Failed:
            return _failure()
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in _OF_ONE_HOP}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

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
            return {**rows, "result": to_text(self._cryptor.decrypt(rows["result"]))}
        except ValueError:
            return rows

    async def _ask(self, request: web.Request, body: Any = None) -> Answer:
        """What the server answers to this request, with another body perhaps."""
        path = self._link.line.address.path + request.path
        return await self._try(request, request.method, path, body, request.query)

    async def _try(
        self, request: web.Request, method: str, path: str, body: Any = None, query: Any = None
    ) -> Answer:
        """Up to three tries without pause; any answer to a POST is final.

        A server that is away is waited for, so that an algorithm survives its restart.
        """
        bearer = _bearer(request)
        problem = ""
        for _ in range(_TRIES):
            try:
                answer = await self._link.line.send_when_back(
                    method, path, bearer, body, query, seconds=self._patience
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

    def _leaves(self, request: web.Request, kind: Any, to: tuple[int, ...], content: bytes) -> None:
        visitor = self._visitor(request)
        run_id = visitor.run_id if visitor else None
        self._witness(Departure(self._node_id, run_id, kind, to, content))


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
