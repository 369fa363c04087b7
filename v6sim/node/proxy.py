"""What an algorithm sees as its server: an address of its own for each node, without an API path.

Here inputs of subtasks are encrypted for their receivers, and results decrypted (reference: node,
section 7). Unlike the genuine proxy it passes on requests of a closed list only (`proxy_routes`),
all values of a repeated parameter, and does not repeat a POST that the server has refused.
"""

import asyncio
import binascii
import logging
import os
import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from v6sim.node.departures import REFUSED, Departure, Witness
from v6sim.node.limits import Limits
from v6sim.node.line import FAILURES, PLAIN, Answer, RequestOptions, describe_failure
from v6sim.node.link import Link
from v6sim.node.master_waits import MasterWaits
from v6sim.node.proxy_bodies import (
    BodyTooLarge,
    check_inputs,
    check_results,
    parse_short_body,
    pass_on,
    read_body,
    send_value,
)
from v6sim.node.proxy_routes import WITHOUT_TOKEN, RouteMatch, match_route
from v6sim.node.proxy_server import ProxyServer
from v6sim.wire.cryptor import Cryptor
from v6sim.wire.json_writer import UNWRITABLE, JsonDocument
from v6sim.wire.keys import WrongKey
from v6sim.wire.long_text import LongText
from v6sim.wire.payload import UnreadablePayload, encode, to_bytes

_TRIES = 3
_PATIENCE = 60
_WELL = 210
"""The highest status that counts as success, here and in the genuine parts."""
_OF_ONE_HOP = {"connection", "content-encoding", "content-length", "date", "keep-alive", "server",
               "transfer-encoding"}  # fmt: skip

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_JWT = re.compile(r"([\w-]+)\.([\w-]+)\.[\w-]{1,100}", re.ASCII)
"""A head, what it says, and its proof, which is too short to say anything."""
_SHOWN = 200  # characters of a refused request in the log
_MOST_NOTES = 100  # on the requests of one run, in its log and that of the node

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
        self._runner: web.ServerRunner | None = None
        self._noted: Counter[int | None] = Counter()
        """How often something was noted for each run; None: for those who are not known."""

    async def start(self) -> None:
        """Be ready to answer where it is told to listen."""
        server = ProxyServer(self._answer, self._note_malformed)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
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
            self._noted.pop(visitor.run_id, None)

    # --- routes ---

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request: one of the list, or none at all."""
        found = match_route(request.method, request.raw_path)
        if found is None:
            return self._refuse(request, "is not a request that a node passes on")
        if not _bearer(request) and found.route not in WITHOUT_TOKEN:
            return self._refuse(request, "came without a token")
        match found.route:
            case "POST /task":
                return await self._create_task(request, found)
            case "GET /task/{id}/result" | "GET /result/{id}" if request.method == "GET":
                return await self._results(request, found)
        return await self._forward(request, found)

    def _refuse(self, request: web.BaseRequest, why: str) -> web.Response:
        """Answer 404, and say so in the ledger, in the run's log and in that of the node."""
        shown = _shown(request)[:_SHOWN]
        note = f"{shown} {why}; the server was not asked"
        self._note(request, "a request of an algorithm was refused", note)
        self._leaves(request, REFUSED, (), f"{shown}\n".encode())
        answer = _answer({"msg": "The requested URL was not found"}, 404)
        answer.force_close()
        return answer

    def _note_malformed(self, request: web.BaseRequest, why: str) -> None:
        """Say in ledger and logs that a request is no HTTP."""
        self._note(request, "refused a request that is not HTTP", why)
        self._leaves(request, REFUSED, (), f"malformed {why}\n".encode())

    def _note(self, request: web.BaseRequest, what: str, note: str) -> None:
        """Write down what came of a request, in the node's log and in that of its run.

        Of one run, or of all who are not known, this is done a hundred times: no algorithm fills
        the logs.
        """
        visitor = self._visitor(request)
        key = visitor.run_id if visitor else None
        self._noted[key] += 1
        if self._noted[key] > _MOST_NOTES:
            return
        last = "" if self._noted[key] < _MOST_NOTES else " (further ones are not told)"
        if not self._link.line.http.closed:  # at the end nobody wants to know any more
            logger.warning("%s: %s%s", what, note, last)
        if visitor is not None:
            visitor.notes.append(f"{note}{last}")

    async def _create_task(self, request: web.BaseRequest, found: RouteMatch) -> web.Response:
        try:
            body = await read_body(request, self._limits)
            organizations = body.get("organizations") if isinstance(body, dict) else None
            check_inputs(organizations, self._limits)
        except BodyTooLarge as error:
            self._failed(request, f"POST /task: {error}")
            return _answer({"msg": str(error)}, 413)
        if not organizations:
            return _answer({"msg": "Organizations missing from input"}, 400)
        if problem := _problem_of(organizations):
            return _answer({"msg": problem}, 400)
        visitor = self._visitor(request)
        try:
            JsonDocument(organizations)
            others = {key: body[key] for key in body if key != "organizations"}
            around = b"".join(JsonDocument(others))
        except UNWRITABLE as error:
            return _answer({"msg": f"the body cannot be passed on: {error}"}, 400)
        self._leaves_as_request(request, found, around)
        try:
            sealed = [await self._sealed(each, request) for each in organizations]
            answer = await self._ask(request, found, {**body, "organizations": sealed})
        except _Failed:
            return _failure()
        except UNWRITABLE as error:  # in a long input
            return _answer({"msg": f"the body cannot be passed on: {error}"}, 400)
        if visitor is not None:
            visitor.created_subtask()
        return _answer(answer.json)

    async def _results(self, request: web.BaseRequest, found: RouteMatch) -> web.StreamResponse:
        self._leaves_as_request(request, found)
        encrypted = self._cryptor.encrypted
        keep = self._limits.longest_result if encrypted else inf
        try:
            options = RequestOptions(longest=keep, in_parts=not encrypted)
            answer = await self._ask(request, found, options=options)
            check_results(answer.json if encrypted else None, self._limits)
        except BodyTooLarge as error:
            self._failed(request, f"GET {found.path}: {error}")
            return _failure()
        except _Failed:
            return _failure()
        if encrypted:
            return await send_value(request, await asyncio.to_thread(self._opened, answer.json))
        return await pass_on(request, answer, {"Content-Type": "application/json"})

    async def _forward(self, request: web.BaseRequest, found: RouteMatch) -> web.StreamResponse:
        self._leaves_as_request(request, found, await request.read())
        begun = asyncio.get_running_loop().time()
        try:
            options = RequestOptions(in_parts=True)
            answer = await self._ask(request, found, await _json_of(request), options)
        except _Failed:
            return _failure()
        if (visitor := self._visitor(request)) is not None:
            self._waits.note(visitor.run_id, found.path, begun, answer, visitor.say)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in _OF_ONE_HOP}
        return await pass_on(request, answer, headers)

    # --- what they do ---

    async def _sealed(
        self, organization: dict[str, Any], request: web.BaseRequest
    ) -> dict[str, Any]:
        """An entry of a new task, with its input readable only for its organization.

        The server reads an id and an input. All else stays here: the ledger would not have it.
        """
        receiver = organization["id"]
        sealed: dict[str, Any] = {
            key: organization[key] for key in ("id", "input") if key in organization
        }
        try:
            plain = to_bytes(_text(organization.get("input")))
            if self._cryptor.encrypted:
                key = await self._public_key(receiver, request)
                text = await asyncio.to_thread(self._cryptor.encrypt, plain, key)
                sealed = {**sealed, "input": text}
        except UnreadablePayload as error:
            if not self._cryptor.encrypted:
                given = str(organization["input"]).encode(errors="backslashreplace")
                self._leaves(request, "subtask input", (receiver,), given)
                return sealed
            raise self._failed(request, f"POST /task: its input is {error}") from None
        except WrongKey as error:
            note = f"POST /task: its input cannot be encrypted for organization {receiver}: {error}"
            raise self._failed(request, note) from None
        self._leaves(request, "subtask input", (receiver,), plain)
        return sealed

    async def _public_key(self, organization_id: int, request: web.BaseRequest) -> str:
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
        self, request: web.BaseRequest, found: RouteMatch, body: Any = None,
        options: RequestOptions = PLAIN,
    ) -> Answer:  # fmt: skip
        """What the server answers to this request, with another body perhaps."""
        path = self._link.line.address.path + found.path
        return await self._try(request, request.method, path, body, request.query, options)

    async def _try(
        self, request: web.BaseRequest, method: str, path: str, body: Any = None, query: Any = None,
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
                problem = describe_failure(failure)
                break
            if answer.status <= _WELL:
                return answer
            problem = f"{answer.status} {answer.said}"
            if method == "POST":
                break
        raise self._failed(request, f"the server refused {_shown(request)[:_SHOWN]}: {problem}")

    def _failed(self, request: web.BaseRequest, note: str) -> _Failed:
        """The error of a request that came to nothing, noted for who reads the run's log."""
        self._note(request, "a request of an algorithm's failed", note)
        return _Failed()

    def _visitor(self, request: web.BaseRequest) -> Visitor | None:
        return self._visitors.get(_bearer(request))

    def _leaves_as_request(
        self, request: web.BaseRequest, found: RouteMatch, body: bytes = b""
    ) -> None:
        asked = f"{request.method} {found.path}{_query(request)}\n"
        foreign = "" if self._visitor(request) else _describe_token(_bearer(request))
        self._leaves(request, "request", (), asked.encode() + body + foreign.encode())

    def _leaves(
        self, request: web.BaseRequest, kind: Any, to: tuple[int, ...], content: bytes
    ) -> None:
        visitor = self._visitor(request)
        known = (visitor.run_id, visitor.task_id, visitor.parent_id) if visitor else (None,) * 3
        run_id, task_id, parent_id = known
        self._witness(Departure(self._node_id, run_id, kind, to, content, task_id, parent_id))


def _bearer(request: web.BaseRequest) -> str:
    """The token that a request shows; empty if it shows none."""
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if word == "Bearer" and _TOKEN.fullmatch(token) else ""


def _describe_token(token: str) -> str:
    """A token that is of no run here, as the ledger has it: what it says, and not its proof."""
    if not token:
        return ""
    said = token
    if (found := _JWT.fullmatch(token)) is not None:
        with suppress(binascii.Error):
            parts = [urlsafe_b64decode(f"{part}==") for part in found.groups()]
            said = b" ".join(parts).decode(errors="backslashreplace")
    return f"\nwith a token of no run here: {said}"


def _shown(request: web.BaseRequest) -> str:
    """A request as texts show it: in ASCII, whatever the algorithm has sent."""
    asked = f"{request.method} {request.raw_path}"
    return asked.encode("ascii", "backslashreplace").decode()


def _query(request: web.BaseRequest) -> str:
    """The query, with the question mark before it, in ASCII; empty if there is none."""
    query = request.raw_path.partition("?")[2].encode("ascii", "backslashreplace").decode()
    return f"?{query}" if query else ""


def _text(given: object) -> str | LongText:
    """The input of a subtask as it stands in the body.

    Raises:
        UnreadablePayload: it is no text.
    """
    if given is None or isinstance(given, str | LongText):
        return given or ""
    raise UnreadablePayload(f"of type {type(given).__name__}: a text is expected")


def _problem_of(organizations: object) -> str:
    """What keeps the organizations of a new task from being read; empty if nothing does."""
    if not isinstance(organizations, list):
        return f"organizations must be a list of objects, not {organizations!r:.{_SHOWN}}"
    for each in organizations:
        key = each.get("id") if isinstance(each, dict) else None
        if not isinstance(key, int) or isinstance(key, bool):
            return f"each organization must have an integer id, unlike {each!r:.{_SHOWN}}"
    return ""


async def _json_of(request: web.BaseRequest) -> Any:
    """The request's body; None if there is none, or it is no JSON."""
    return parse_short_body(await request.read())


def _answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def _failure() -> web.Response:
    return _answer({"msg": "Request failed, see node logs"}, 500)
