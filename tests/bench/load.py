"""Load from a process of its own: one request, over and over, over some connections.

Run as a script it reads a `Load` from standard input as JSON, and prints an `Answers`.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import uvloop


@dataclass(frozen=True)
class Load:
    """What to send, and for how long.

    Args:
        url: where to; `{n}` in it is another number each time.
        method: of the request.
        body: of the request, as JSON.
        token: of who asks.
        connections: how many ask at the same time, each as soon as it has its answer.
        seconds: how long; it begins when all are connected.
        most: how many answers are enough.
    """

    url: str
    method: str = "GET"
    body: Any = None
    token: str = ""
    connections: int = 1
    seconds: float = 2
    most: int = sys.maxsize

    def put(self) -> "Answers":
        """Put it on a server, from another process.

        Raises:
            CalledProcessError: an answer was no success.
        """
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.load"], input=json.dumps(asdict(self)),
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return Answers(**json.loads(done.stdout))

    def request(self, number: int) -> bytes:
        """The bytes to send."""
        url = urlsplit(self.url)
        target = f"{url.path}?{url.query}" if url.query else url.path
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = [
            f"{self.method} {target.replace('{n}', str(number))} HTTP/1.1",
            f"Host: {url.netloc}",
            f"Content-Length: {len(body)}",
        ]
        if body:
            head.append("Content-Type: application/json")
        if self.token:
            head.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join([*head, "", ""]).encode() + body


@dataclass
class Answers:
    """How long each answer took, in seconds, and all of them together."""

    durations: list[float] = field(default_factory=list)
    elapsed: float = 0

    @property
    def a_second(self) -> float:
        """Answers in a second."""
        return len(self.durations) / self.elapsed

    def percentile(self, percent: int) -> float:
        """So many per cent took no longer than that."""
        ordered = sorted(self.durations)
        return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


class _Connection(asyncio.Protocol):
    """Asks again as soon as it has its answer."""

    def __init__(self, sender: "_Sender") -> None:
        self._sender = sender
        self._parser = httptools.HttpResponseParser(self)
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass of it

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed the connection"))

    def ask(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._sender.next())

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        if (status := self._parser.get_status_code()) >= 300:
            self.done.set_exception(ValueError(f"answered with status {status}"))
        elif self._sender.goes_on(now, now - self._sent):
            self._parser = httptools.HttpResponseParser(self)
            asyncio.get_running_loop().call_soon(self.ask)
        else:
            self.done.set_result(None)


class _Sender:
    """All connections together."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._sent = 0
        self._durations: list[float] = []
        self._started = 0.0
        self._fixed = None if "{n}" in load.url else load.request(0)

    def next(self) -> bytes:
        """What to send next."""
        self._sent += 1
        return self._fixed or self._load.request(self._sent)

    def goes_on(self, now: float, duration: float) -> bool:
        """Note an answer; whether there is to be another."""
        self._durations.append(duration)
        return now - self._started < self._load.seconds and self._sent < self._load.most

    async def run(self) -> Answers:
        """Ask until the time is over."""
        url = urlsplit(self._load.url)
        host, port = url.hostname or "", url.port or 80
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: _Connection(self), host, port)
            for _ in range(self._load.connections)
        ]
        self._started = time.perf_counter()
        for _, connection in made:
            connection.ask()
        await asyncio.gather(*(connection.done for _, connection in made))
        elapsed = time.perf_counter() - self._started
        for transport, _ in made:
            transport.close()
        return Answers(self._durations, elapsed)


def main() -> None:
    """Put the load that stands in the standard input."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answers = runner.run(_Sender(Load(**json.load(sys.stdin))).run())
    json.dump(asdict(answers), sys.stdout)


if __name__ == "__main__":
    main()
