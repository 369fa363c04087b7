"""HTTP to a server: its address, and patience with it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from v6sim.node.line import FAILURES, Address, Answer, Line, backoff, new_session


@pytest.mark.parametrize(
    ("url", "root", "path"),
    [
        ("http://127.0.0.1:5000/api", "http://127.0.0.1:5000", "/api"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000", "/api"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000", ""),
        ("127.0.0.1:5000", "http://127.0.0.1:5000", "/api"),
        ("https://v6.example/a/b/", "https://v6.example", "/a/b"),
    ],
)
def test_one_address_says_where_the_api_and_the_events_are(url: str, root: str, path: str) -> None:
    assert Address.of(url) == Address(root, path)
    assert str(Address.of(url)) == root + path


def test_patience_grows_up_to_five_seconds() -> None:
    delays = list(itertools.islice(backoff(), 10))
    assert delays[:3] == [0.1, 0.2, 0.4]
    assert delays[-1] == 5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"msg": "no"}', "no"),
        (b'{"message": "neither"}', "neither"),
        (b'{"other": 1}', "{'other': 1}"),
        (b"<html>", "<html>"),
    ],
)
def test_the_words_of_a_refusal_are_found(body: bytes, said: str) -> None:
    assert Answer(400, {}, body).said == said


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[Line, list[str]]]:
    """A line to something that answers each request with the next of these, or by hanging up."""
    received: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[0].decode())
        writer.write(answers[len(received) - 1])
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, new_session() as http:
        yield Line(Address.of(f"http://127.0.0.1:{port}"), http), received


HANG_UP = b""
BUSY = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"
FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


async def test_what_only_asks_is_sent_again_until_it_is_answered() -> None:
    async with answering(HANG_UP, HANG_UP, BUSY, FINE) as (line, received):
        answer = await line.send_when_back("GET", "/x", "", None, None, seconds=10)
    assert answer.status == 200
    assert set(received) == {"GET"}


async def test_what_may_have_been_received_is_not_sent_twice() -> None:
    async with answering(HANG_UP, FINE) as (line, received):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await line.send_when_back("POST", "/x", "", {}, None, seconds=10)
    assert received == ["POST"]


async def test_an_answer_to_what_changes_something_is_final() -> None:
    async with answering(BUSY, FINE) as (line, received):
        assert (await line.send_when_back("POST", "/x", "", {}, None, seconds=10)).status == 503
    assert received == ["POST"]


async def test_patience_has_its_limit() -> None:
    async with answering(BUSY, BUSY, BUSY) as (line, received):
        assert (await line.send_when_back("GET", "/x", "", None, None, seconds=0.15)).status == 503
    assert len(received) == 2


async def test_a_session_that_is_closed_under_a_request_is_a_failure_like_others() -> None:
    """What waits for a connection that was kept, and is gone, looks for a new one."""
    http = new_session()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(FINE)
        await reader.readuntil(b"\r\n\r\n")
        await http.close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        line = Line(Address.of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), http)
        assert (await line.send("GET", "/x", "")).status == 200
        with pytest.raises(FAILURES):
            await line.send("GET", "/x", "")
        with pytest.raises(FAILURES):
            await line.send("GET", "/x", "")
