"""HTTP to a server that may be away for a while."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from math import inf
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from v6sim.wire.json_reader import JsonReader
from v6sim.wire.json_writer import JsonDocument
from v6sim.wire.long_text import LONG

FAILURES = (aiohttp.ClientError, OSError, TimeoutError)
"""What a server that is away, or goes away, looks like."""

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
AWAY = {502, 503, 504}
"""How something answers that stands before a server that is away."""

_TRIES = 3
"""How often to ask a server that answers with an error of its own."""
_AT_ONCE = 2**18  # bytes that are sent without others having their turn
_PASSING = {408, 425, 429}
_LASTING = {501, 505}
MINIMAL = {"Prefer": "return=minimal"}
"""Asks v6sim's server to leave out texts that are long (RFC 7240); others take no notice of it."""

_LONGEST_HEADER = 2**17
"""Bytes of a header: `Link` of a page repeats the query five times."""

_SHOWN = 200  # characters of a failure

logger = logging.getLogger(__name__)


def describe_failure(failure: BaseException) -> str:
    """Return a failure as logs show it: without the request's headers, which hold a token."""
    said = " ".join(str(failure).split())[:_SHOWN]
    return f"{type(failure).__name__}: {said}" if said else type(failure).__name__


def new_session(*traces: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    """An HTTP session for any number of nodes: each keeps a connection open for events.

    Args:
        traces: are told of its requests.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        cookie_jar=aiohttp.DummyCookieJar(),
        max_field_size=_LONGEST_HEADER,
        trace_configs=list(traces),
    )


def backoff() -> Iterator[float]:
    """Seconds to wait before each further try: from a tenth of a second up to five."""
    delay = 0.1
    while True:
        yield delay
        delay = min(delay * 2, 5)


@dataclass(frozen=True)
class Address:
    """Where a server is.

    Args:
        root: scheme, host and port; events are there, whatever the path of the API.
        path: the path of the API.
    """

    root: str
    path: str

    @classmethod
    def of(cls, url: str) -> "Address":
        """From one URL; without a path `/api` is assumed, and `/` means that there is none."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        path = "/api" if not parts.path else parts.path.rstrip("/")
        return cls(f"{parts.scheme}://{parts.netloc}", path)

    def __str__(self) -> str:
        return self.root + self.path


def is_passing(status: int) -> bool:
    """Whether a refusal says nothing of the request: the same one may be answered well later."""
    return status in _PASSING or (status >= 500 and status not in _LASTING)


@dataclass(frozen=True)
class Answer:
    """What a server answered.

    Args:
        status: of HTTP.
        headers: of HTTP.
        body: its bytes; of a long one the first million or so.
        long: the value of a long body, in which each long text is a `LongText`.
        rest: what has not been read of a long body, where that was asked for.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    long: Any = field(default=None, repr=False)
    rest: aiohttp.ClientResponse | None = field(default=None, repr=False)

    @property
    def json(self) -> Any:
        """The body's value; None if it has none."""
        if self.long is not None:
            return self.long
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the body: what has not been read of it comes from the server as it is."""
        yield self.body
        if self.rest is not None:
            with closing(self.rest):
                async for chunk in self.rest.content.iter_any():
                    yield chunk

    @property
    def said(self) -> str:
        """The server's own words on a refusal."""
        body = self.json
        if isinstance(body, dict):
            return str(body.get("msg") or body.get("message") or body)
        return self.body[:200].decode(errors="replace")


@dataclass(frozen=True)
class RequestOptions:
    """How to ask, and how to read the answer.

    Args:
        is_minimal: have v6sim's server leave out long texts.
        longest: characters of a text in the answer that are kept; of a longer one only the length.
        in_parts: leave all but the first million bytes or so of a good answer unread.
    """

    is_minimal: bool = False
    longest: float = inf
    in_parts: bool = False


PLAIN = RequestOptions()


async def _read(answer: aiohttp.ClientResponse, options: RequestOptions) -> Answer:
    """Read an answer; a long one is taken apart as it comes."""
    chunks, size = list[bytes](), 0
    async for chunk in answer.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > LONG:
            break
    begun = b"".join(chunks)
    if size <= LONG or answer.status >= 300:  # what is long and no success is not worth reading
        return Answer(answer.status, answer.headers, begun)
    if options.in_parts:
        return Answer(answer.status, answer.headers, begun, rest=answer)
    reader = JsonReader(options.longest)
    try:
        reader.feed(begun)
        async for chunk in answer.content.iter_any():
            reader.feed(chunk)
        return Answer(answer.status, answer.headers, b"", reader.value())
    except (ValueError, RecursionError):  # it is no JSON
        return Answer(answer.status, answer.headers, begun)


async def _in_turns(document: JsonDocument) -> AsyncIterator[bytes]:
    """The chunks of a document; others have their turn meanwhile."""
    for chunk in document:
        for begin in range(0, len(chunk), _AT_ONCE):
            yield chunk[begin : begin + _AT_ONCE]
            await asyncio.sleep(0)


class Line:
    """Sends requests to one server.

    Args:
        address: where the server is.
        http: the session to use.
    """

    def __init__(self, address: Address, http: aiohttp.ClientSession) -> None:
        self.address, self.http = address, http
        self._away = False

    async def send(
        self,
        method: str,
        path: str,
        bearer: str,
        body: Any = None,
        params: Any = None,
        options: RequestOptions = PLAIN,
    ) -> Answer:
        """Send one request, once, with any token; raises one of `FAILURES` if that fails.

        Args:
            method: of HTTP.
            path: from the root on.
            bearer: the token; empty for none.
            body: what to send as JSON, which may have texts in pieces; None for nothing.
            params: the query, as aiohttp takes it.
            options: how to ask, and how to read the answer.
        """
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        if options.is_minimal:
            headers |= MINIMAL
        data: Any = None
        if body is not None:
            document = JsonDocument(body)
            headers["Content-Type"] = "application/json"
            data = document.skeleton
            if document.is_long or len(data) > _AT_ONCE:
                headers["Content-Length"] = str(document.size)
                data = _in_turns(document)
        url = self.address.root + path
        try:
            answer = await self.http.request(
                method, url, data=data, params=params, headers=headers, timeout=_TIMEOUT
            )
        except Exception:
            if self.http.closed:  # before, or meanwhile, for which aiohttp has no error
                raise aiohttp.ClientConnectionError("the node is about to stop") from None
            raise
        try:
            read = await _read(answer, options)
        except BaseException:
            answer.close()
            raise
        if read.rest is None:
            answer.release()
            await answer.wait_for_close()
        return read

    async def send_patiently(
        self, method: str, path: str, bearer: str, body: Any = None, params: Any = None,
        options: RequestOptions = PLAIN,
    ) -> Answer:  # fmt: skip
        """The same until the server answers: it is waited for as long as it is away."""
        tries = 0
        for delay in backoff():
            try:
                answer = await self.send(method, path, bearer, body, params, options)
            except FAILURES as failure:
                self._is_away(describe_failure(failure))
            else:
                tries += 1
                if answer.status in AWAY:
                    self._is_away(f"it answers {answer.status}")
                elif answer.status < 500 or tries == _TRIES:
                    self._is_back()
                    return answer
            await asyncio.sleep(delay)
        raise AssertionError("never reached: the tries do not end")

    async def send_when_back(
        self, method: str, path: str, bearer: str, body: Any, params: Any, *, seconds: float,
        options: RequestOptions = PLAIN,
    ) -> Answer:  # fmt: skip
        """The same as `send`, waiting for a server that is away, but not for ever.

        A POST is sent again only where it cannot have been received.

        After `seconds` the last failure is raised, or the last answer returned of what stands
        before the server.
        """
        clock = asyncio.get_running_loop()
        end = clock.time() + seconds
        for delay in backoff():
            is_last = clock.time() + delay > end
            try:
                answer = await self.send(method, path, bearer, body, params, options)
            except FAILURES as failure:
                sent = not isinstance(failure, aiohttp.ClientConnectorError)
                if is_last or self.http.closed or (sent and method == "POST"):
                    raise
                self._is_away(describe_failure(failure))
            else:
                if answer.status not in AWAY or is_last or method == "POST":
                    self._is_back()
                    return answer
                self._is_away(f"it answers {answer.status}")
            await asyncio.sleep(delay)
        raise AssertionError("never reached: the tries do not end")

    def _is_away(self, reason: str) -> None:
        if not self._away:
            self._away = True
            logger.warning("%s is away, trying on: %s", self.address, reason)

    def _is_back(self) -> None:
        if self._away:
            self._away = False
            logger.warning("%s is back", self.address)
