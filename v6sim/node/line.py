"""HTTP to a server that may be away for a while."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

FAILURES = (aiohttp.ClientError, OSError, TimeoutError)
"""What a server that is away, or goes away, looks like."""

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
AWAY = {502, 503, 504}
"""How something answers that stands before a server that is away."""

_TRIES = 3
"""How often to ask a server that answers with an error of its own."""

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


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's value; None if it has none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    @property
    def said(self) -> str:
        """The server's own words on a refusal."""
        body = self.json
        if isinstance(body, dict):
            return str(body.get("msg") or body.get("message") or body)
        return self.body[:200].decode(errors="replace")


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
    ) -> Answer:
        """Send one request, once, with any token; raises one of `FAILURES` if that fails.

        Args:
            method: of HTTP.
            path: from the root on.
            bearer: the token; empty for none.
            body: what to send as JSON, or bytes that are JSON already; None for nothing.
            params: the query, as aiohttp takes it.
        """
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        url = self.address.root + path
        if self.http.closed:
            raise aiohttp.ClientConnectionError("the node is about to stop")
        async with self.http.request(
            method, url, data=data, params=params, headers=headers, timeout=_TIMEOUT
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def send_patiently(
        self, method: str, path: str, bearer: str, body: Any = None, params: Any = None
    ) -> Answer:
        """The same until the server answers: it is waited for as long as it is away."""
        tries = 0
        for delay in backoff():
            try:
                answer = await self.send(method, path, bearer, body, params)
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
        self, method: str, path: str, bearer: str, body: Any, params: Any, *, seconds: float
    ) -> Answer:
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
                answer = await self.send(method, path, bearer, body, params)
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
