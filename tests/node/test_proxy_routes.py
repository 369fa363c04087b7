"""What a node's proxy passes on, and that no spelling of a request gets anything else."""

import asyncio
import logging
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.conftest import API_KEYS
from tests.node.conftest import Person
from v6sim.node.departures import Departure
from v6sim.node.line import Address, Line, new_session
from v6sim.node.link import Link
from v6sim.node.proxy import Proxy, Visitor
from v6sim.node.proxy_routes import ROUTES, WITHOUT_TOKEN, match_route
from v6sim.server.app import _RESOURCES, Server
from v6sim.server.faults import Fault
from v6sim.server.serving import Serving
from v6sim.wire.cryptor import PlainCryptor

PLACES = ("loopback", "socket")
"""Where executors let algorithms reach the proxy: without Docker, and from its containers."""


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """A server that holds no answer back."""
    return make_server()


class Door:
    """A proxy as an algorithm reaches it, byte by byte, and what the server is asked meanwhile."""

    def __init__(self, place: str, where: Any, token: str) -> None:
        self._place, self._where, self.token = place, where, token
        self.asked: list[str] = []
        self.sent: list[bytes] = []
        self.departures: list[Departure] = []
        self.notes: list[str] = []

    async def send(self, head: bytes, headers: bytes = b"", token: str | None = None) -> int:
        """Send a request line as it is; returns the status, 0 if the connection just ends."""
        shown = f"Authorization: Bearer {self.token if token is None else token}\r\n".encode()
        connect = asyncio.open_connection if self._place == "loopback" else _connect_unix
        reader, writer = await connect(*self._where)
        writer.write(head + b"\r\nHost: proxyserver:8080\r\nConnection: close\r\n")
        writer.write(shown + headers + b"\r\n")
        content = await reader.read()
        writer.close()
        found = re.match(rb"HTTP/1\.[01] (\d+)", content)
        return int(found[1]) if found else 0

    async def leave(self, head: bytes, headers: bytes) -> None:
        """Send a part of a request, and close the connection."""
        connect = asyncio.open_connection if self._place == "loopback" else _connect_unix
        _, writer = await connect(*self._where)
        shown = f"Authorization: Bearer {self.token}\r\n".encode()
        writer.write(head + b"\r\nHost: proxyserver:8080\r\n" + shown + headers)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def _connect_unix(path: str) -> Any:
    return await asyncio.open_unix_connection(path)


@pytest.fixture(params=PLACES)
async def door(
    request: pytest.FixtureRequest, serving: Serving, researcher: Person, tmp_path: Path
) -> AsyncIterator[Door]:
    async with _door(request.param, serving, researcher, tmp_path) as door:
        yield door


@asynccontextmanager
async def _door(
    place: str, serving: Serving, researcher: Person, folder: Path
) -> AsyncIterator[Door]:
    trace, asked, bodies = aiohttp.TraceConfig(), list[str](), list[bytes]()

    async def note(_session: Any, _context: Any, sent: aiohttp.TraceRequestStartParams) -> None:
        asked.append(f"{sent.method} {sent.url.raw_path}")

    async def keep(_session: Any, _context: Any, sent: Any) -> None:
        bodies.append(sent.chunk)

    trace.on_request_start.append(note)
    trace.on_request_chunk_sent.append(keep)
    async with new_session(trace) as http:
        link = Link(Line(Address.of(serving.api_url), http), SecretStr(API_KEYS[0]))
        await link.sign_in()
        task = await researcher.send("master", 2, image="some/image", master=True)
        wanted = {"task_id": task, "image": "some/image"}
        token = (await link.ask("POST", "token/container", wanted))["container_token"]
        departures: list[Departure] = []
        proxy = Proxy(link, 8, PlainCryptor(), departures.append)
        await proxy.start()
        try:
            if place == "loopback":
                where: tuple[Any, ...] = ("127.0.0.1", await proxy.listen())
            else:
                await proxy.listen_at(folder / "proxy")
                where = (str(folder / "proxy"),)
            door = Door(place, where, token)
            door.asked, door.departures, door.sent = asked, departures, bodies
            proxy.admit(token, Visitor(77, lambda: None, door.notes, task))
            asked.clear()
            yield door
        finally:
            await proxy.stop()


# --- the list ---


async def test_the_list_is_what_the_server_answers_to_the_token_of_an_algorithm(
    serving: Serving, researcher: Person, tmp_path: Path
) -> None:
    """A route that is new at the server has to be decided on: on the list, or among these."""
    declined = {
        "POST /token/user", "POST /token/node", "POST /token/refresh", "POST /recover/lost",
        "POST /recover/reset", "POST /recover/2fa/lost", "POST /recover/2fa/reset",
    }  # fmt: skip
    own = {"organization": "2", "collaboration": "1", "result": "1", "task": "1"}
    answered = set()
    async with _door("loopback", serving, researcher, tmp_path) as door:
        shown = {"Authorization": f"Bearer {door.token}"}
        async with httpx.AsyncClient(base_url=serving.api_url, headers=shown) as http:
            for method, path in _routes_of_the_server():
                asked = path.replace("{id}", own.get(path.split("/")[1], "1"))
                answer = await http.request(method, asked, json={})
                if not _is_refused(answer):
                    answered.add(f"{method} {path}")
    assert answered - declined == set(ROUTES)
    assert declined <= {f"{method} {path}" for method, path in _routes_of_the_server()}


def _routes_of_the_server() -> Iterator[tuple[str, str]]:
    for module in _RESOURCES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            for method in {*(route.methods or ())} - {"HEAD"}:
                yield method, re.sub(r"\{\w+(:int)?\}", "{id}", route.path)


def _is_refused(answer: httpx.Response) -> bool:
    """Whether a caller of this kind is refused, whatever they ask for exactly."""
    return answer.status_code == 401 and "only for callers of kind" in answer.json()["msg"]


async def test_all_that_is_on_the_list_reaches_the_server(door: Door) -> None:
    for route in ROUTES:
        method, _, template = route.partition(" ")
        path = template.replace("{id}", "2")
        await door.send(f"{method} {path} HTTP/1.1".encode())
        if method == "POST":
            assert door.asked == []  # a task without a body is refused by the proxy itself
        else:
            assert set(door.asked) == {f"GET /api{path}"}
        door.asked.clear()
    assert {each.kind for each in door.departures} == {"request"}


async def test_without_a_token_there_is_only_the_version(door: Door) -> None:
    for route in ROUTES:
        path = route.partition(" ")[2].replace("{id}", "2")
        for token in ("", "\xe9", "a b"):
            status = await door.send(f"GET {path} HTTP/1.1".encode(), token=token)
            assert status == (200 if f"GET {path}" in WITHOUT_TOKEN else 404)
    assert set(door.asked) == {"GET /api/version"}


# --- what is not on it ---

ATTACKS = (
    "GET /_v6sim/journal", "GET /../_v6sim/journal", "GET /%2e%2e/_v6sim/egress",
    "GET /%2E%2E/_v6sim/egress", "GET /x/../../_v6sim/clock", "GET /task/../../_v6sim/clock",
    "GET /task/1/../../../_v6sim/clock", "GET /%252e%252e/_v6sim/clock", "GET /..%2f_v6sim/clock",
    "GET /..%5c_v6sim/clock", "GET /..\\_v6sim\\clock", "GET //_v6sim/clock",
    "GET /.//_v6sim/clock",
    "GET /;/../_v6sim/clock", "GET /..;/_v6sim/clock", "GET /task;/../../_v6sim/clock",
    "GET http://127.0.0.1:5000/_v6sim/clock", "GET http://proxyserver:8080/task",
    "GET //127.0.0.1:5000/_v6sim/clock", "GET /task/1%2f..%2f..%2f_v6sim", "GET /task%00",
    "GET /task/-1", "GET /task/+1", "GET /task/1.0", "GET /task/1e3", "GET /task/0x1",
    "GET /task/\xb2", "GET /task/1/", "GET /task/one", "GET /task#", "GET /Task", "GET /", "GET *",
    "OPTIONS *", "OPTIONS /task", "TRACE /task", "PUT /task/1", "PATCH /result/1", "DELETE /task/1",
    "CONNECT 127.0.0.1:5000", "CONNECT /task", "POST /version", "POST /recover/lost",
    "POST /recover/reset", "POST /token/user", "GET /apispec_1.json", "GET /../apidocs/",
    "GET /socket.io/?EIO=4&transport=polling", "GET /user", "GET /role", "POST /kill/task",
    f"GET /task/{10**30}", f"GET /{'task/' * 500}",
)  # fmt: skip


async def test_what_is_not_on_the_list_is_not_there(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    body = b"Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
    for attack, headers in product(ATTACKS, (b"", upgrade, body)):
        caplog.clear()
        status = await door.send(attack.encode("latin-1") + b" HTTP/1.1", headers)
        logged = [(record.levelno, record.exc_info) for record in caplog.records]
        assert (attack, status in (404, 400), door.asked) == (attack, True, [])
        assert (attack, logged) in [(attack, []), (attack, [(logging.WARNING, None)])]
    assert {each.kind for each in door.departures} == {"refused request"}


async def test_a_refused_request_is_told_in_ledger_and_log(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    assert await door.send(b"GET /../_v6sim/journal?a=b HTTP/1.1") == 404
    [refused] = door.departures
    assert (refused.kind, refused.run_id) == ("refused request", 77)
    assert refused.content == b"GET /../_v6sim/journal?a=b\n"
    assert "GET /../_v6sim/journal" in door.notes[0]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_an_upgrade_of_what_is_on_the_list_is_a_plain_request(door: Door) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    assert await door.send(b"GET /version HTTP/1.1", upgrade) == 200
    assert door.asked == ["GET /api/version"]


GARBAGE = (
    b"\x16\x03\x01", b"GET", b"GET /task HTTP/9.9", b"G\x00T /task HTTP/1.1",
    b"GET /ta\x00sk HTTP/1.1", b"GET \xff\xfe HTTP/1.1", b"GET /\xff HTTP/1.1",
)  # fmt: skip


async def test_what_is_no_http_is_one_line_of_the_log(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    for garbage in GARBAGE:
        caplog.clear()
        assert await door.send(garbage) in (0, 400, 404)
        logged = [(record.levelno, record.exc_info) for record in caplog.records]
        assert (garbage, logged) in [(garbage, []), (garbage, [(logging.WARNING, None)])]
    assert door.asked == []


async def test_what_a_new_task_names_as_organization_is_no_part_of_an_address(door: Door) -> None:
    for body in (
        b'{"organizations": [{"id": "../../_v6sim/outbox", "input": "aGk="}]}',
        b'{"organizations": [{"id": true}]}', b'{"organizations": [1]}',
        b'{"organizations": {"id": 1}}', b'{"organizations": "all"}', b'{"organizations": [{}]}',
    ):  # fmt: skip
        headers = b"Content-Length: %d\r\n\r\n" % len(body) + body
        assert await door.send(b"POST /task HTTP/1.1", headers) == 400
    assert door.asked == []


async def test_an_input_that_is_no_text_does_not_break_the_proxy(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    for content in (b"1", b"[1]", b'{"a": 1}', b"true", b'"\xc3\xa9"'):
        body = b'{"collaboration_id": 1, "organizations": [{"id": 2, "input": %s}]}' % content
        headers = b"Content-Length: %d\r\n\r\n" % len(body) + body
        assert await door.send(b"POST /task HTTP/1.1", headers) in (200, 500)
    assert all(record.exc_info is None for record in caplog.records)


async def test_a_query_is_encoded_anew(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    for query in (
        "a=b", "a=%20&a=%2B", "a=%ff", "a=%ed%a0%80", "%00", "&&=", "a=b#c", "a=\u00e9", "?/../..",
        "page=1%0d%0aX: y", "page=1&a=" + "b" * 7000,
    ):  # fmt: skip
        assert await door.send(f"GET /task?{query} HTTP/1.1".encode()) in (200, 400, 500)
    assert set(door.asked) == {"GET /api/task"}
    assert all(record.exc_info is None for record in caplog.records)
    assert all(note.isascii() and len(note) < 1000 for note in door.notes)


async def test_no_token_stands_in_the_note_on_a_failure(
    door: Door, caplog: pytest.LogCaptureFixture, serving: Serving
) -> None:
    serving.server.core.faults.add(Fault("cut", path="/task"))
    body = b'{"collaboration_id": 1, "organizations": [{"id": 2}]}'
    headers = b"Content-Length: %d\r\n\r\n" % len(body) + body
    assert await door.send(b"POST /task HTTP/1.1", headers) == 500
    [note] = door.notes
    assert "POST /task" in note
    assert not any(door.token in text for text in (*door.notes, caplog.text))


MALFORMED = (
    (b"POST /task HTTP/1.1", b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone"),
    (b"GET /task HTTP/1.1", b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone"),
    (b"POST /task HTTP/1.1", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    (b"POST /task HTTP/1.1", b"Content-Length: 9\r\nContent-Length: 8\r\n\r\n"),
    (b"GET /../task%zz HTTP/1.1", b"X: \x00\r\n"),
)  # fmt: skip


@pytest.mark.parametrize(("head", "rest"), MALFORMED)
async def test_what_is_malformed_is_400_and_stands_in_the_ledger(
    door: Door, caplog: pytest.LogCaptureFixture, head: bytes, rest: bytes
) -> None:
    assert await door.send(head, rest) == 400
    assert door.asked == []
    [refused] = [each for each in door.departures if each.kind == "refused request"]
    assert refused.content.startswith(b"malformed ")
    [record] = caplog.records
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)


async def test_who_goes_away_in_a_body_leaves_no_traceback(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    await door.leave(b"POST /task HTTP/1.1", b"Content-Length: 100\r\n\r\n{")
    await door.leave(b"POST /task HTTP/1.1", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{")
    assert await door.send(b"GET /version HTTP/1.1") == 200
    assert all(record.exc_info is None for record in caplog.records)


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "\\ud800", "organizations": [{"id": 2}]}',
        b'{"\\ud800": 1, "organizations": [{"id": 2}]}',
        b'{"organizations": [{"id": 2, "input": "\\ud800"}]}',
        b'{"organizations": [{"id": 2, "input": "%s\\ud800"}]}' % (b"a" * 1_500_000),
        b'{"organizations": [{"id": 2, "\\ud800": 1}]}',
        b'{"organizations": [{"id": %d}]}' % 10**30,
        b'{"collaboration_id": %d, "organizations": [{"id": 2}]}' % 2**64,
    ],
    ids=lambda body: f"{body[:40]!r}",
)
async def test_what_json_cannot_say_again_is_400(
    door: Door, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    headers = b"Content-Length: %d\r\n\r\n" % len(body) + body
    assert await door.send(b"POST /task HTTP/1.1", headers) == 400
    assert all(record.exc_info is None for record in caplog.records)


async def test_one_run_does_not_fill_the_logs(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(120):
        await door.send(b"GET /no/%d HTTP/1.1" % number)
        await door.send(b"GET /no/%d HTTP/1.1" % number, token="")
    assert len(door.notes) == 100
    assert len(caplog.records) == 200
    assert "further ones are not told" in door.notes[-1]


async def test_what_the_server_does_not_read_stays_at_the_node(door: Door) -> None:
    body = (
        b'{"organizations": [{"id": 2, "input": "aGk=", "row": "Jane Doe"}], "collaboration_id": 1}'
    )
    headers = b"Content-Length: %d\r\n\r\n" % len(body) + body
    await door.send(b"POST /task HTTP/1.1", headers)
    assert b"aGk=" in door.sent[-1]
    assert b"Jane" not in door.sent[-1]


_SAID = urlsafe_b64encode(b'{"sub": "Jane Doe"}').rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("Jane-Doe", b"Jane-Doe"),
        (f"e30.{_SAID}.proof", b'{} {"sub": "Jane Doe"}'),
        (f"e30.{_SAID}.{'a' * 200}", f"e30.{_SAID}.{'a' * 200}".encode()),
        ("e30.a.proof", b"e30.a.proof"),
    ],
)
async def test_what_a_token_of_no_run_says_is_in_the_ledger(
    door: Door, token: str, said: bytes
) -> None:
    await door.send(b"GET /task HTTP/1.1", token=token)
    [asked] = door.departures
    assert asked.content == b"GET /task\n\nwith a token of no run here: " + said


# --- any spelling ---

_PIECES = st.sampled_from(
    [
        "..", ".", "", "_v6sim", "%5fv6sim", "%5Fv6sim", "journal", "clock", "task", "result", "1",
        "%2e%2e", "%2E.", "%252e%252e", "..%2f", "..%5c", "..\\", "\\..", ";", "..;", ";x=1",
        "%2f", "%5c", "%00", "%", "%2", "task%2f1", "version", "health", "organization", "api",
        "http:", "127.0.0.1", "127.0.0.1:5000", "@", "#", "?", "\u2025", "\uff0e\uff0e", "0", "01",
    ]
)  # fmt: skip
_TARGETS = st.one_of(
    st.builds("/".join, st.lists(_PIECES, min_size=1, max_size=7)).map("/{}".format),
    st.builds("/".join, st.lists(_PIECES, min_size=1, max_size=7)),
    st.lists(_PIECES, min_size=1, max_size=9).map("".join),
    st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=30),
)
_METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT"])
_PASSED = re.compile(
    r"(GET|HEAD) /api/(version|health(/fix)?|(task|result|port)(/\d+)?|task/\d+/result"
    r"|organization(/\d+)?|collaboration/\d+(/organization)?)"
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=_METHODS, target=_TARGETS)
def test_whatever_is_matched_is_rebuilt_from_known_words_and_numbers(
    method: str, target: str
) -> None:
    found = match_route(method, target)
    if found is not None:
        shown = f"{method} /api{found.path}"
        assert _PASSED.fullmatch(shown) or shown == "POST /api/task"
        assert ".." not in found.path
        assert "_v6sim" not in found.path


async def test_no_spelling_of_a_request_reaches_anything_else(door: Door) -> None:
    drawn: list[tuple[str, str]] = []

    @settings(max_examples=150, database=None)
    @given(st.tuples(_METHODS, _TARGETS))
    def draw(request: tuple[str, str]) -> None:
        drawn.append(request)

    draw()
    for method, target in drawn:
        await door.send(f"{method} {target} HTTP/1.1".encode())
    assert all(_PASSED.fullmatch(asked) for asked in door.asked)
