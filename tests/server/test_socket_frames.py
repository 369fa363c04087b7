"""Frames of strangers: whatever they send, the server and all others go on."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PASSWORDS
from tests.server.conftest import PATIENCE, token_of
from v6sim.server.v3.socket_frames import check, check_body
from v6sim.wire.sockets import socketio

DEEP = 100_000
MALFORMED = [
    "",
    "x",
    "9",
    "0",
    "2" + "[" * DEEP,
    "4",
    "4x",
    "4[[",
    "4" + "[" * DEEP,
    "44/tasks,1",
    "47/tasks,",
    '42/tasks,{"a":1}',
    '42/tasks,"message"',
    "42/tasks,5",
    "42/tasks,",
    "42/tasks,[]",
    '42/tasks,[["message"],1]',
    '42/tasks,[{"a":1},1]',
    "42/tasks,[null]",
    "42/tasks,[{",
    '42/tasks,["message",' + "[" * DEEP + "]" * DEEP + "]",
    '42/tasks,["message",' + "9" * 1000 + "]",
    '42/tasks,["message","' + "a" * 1_100_000 + '"]',
    "42" + "9" * 200 + '["message"]',
    '43/tasks,0["never asked"]',
    "43/tasks,[1]",
    '43/tasks,1{"a":1}',
    '451-/tasks,["message",{"_placeholder":true,"num":7}]',
    '459999999-/tasks,["message",1]',
    '461-/tasks,1[{"_placeholder":true,"num":0}]',
    "41/tasks,[1]",
    "40/tasks,[1]",
    b"bytes",
    b"",
]


class Raw:
    """A websocket on which anything can be sent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        if isinstance(frame, bytes):
            await self._socket.send_bytes(frame)
        else:
            await self._socket.send_str(frame)

    async def receive(self) -> Any:
        """The next frame; None if the connection has ended."""
        message = await self._socket.receive(PATIENCE)
        return message.data if message.type is aiohttp.WSMsgType.TEXT else None

    async def until_closed(self) -> None:
        """Wait until the server closes the connection."""
        while await self.receive() is not None:
            pass


@pytest.fixture
async def raw(serving, http, connections) -> AsyncIterator[Raw]:
    """The websocket of a user who is signed in."""
    login = {"username": "researcher", "password": PASSWORDS["researcher"]}
    headers = {"Authorization": f"Bearer {await token_of(http, 'user', login)}"}
    url = f"{serving.url}/socket.io/?EIO=4&transport=websocket"
    async with connections.ws_connect(url, headers=headers) as socket:
        raw = Raw(socket)
        assert str(await raw.receive()).startswith("0{")
        await raw.send("40/tasks,")
        assert str(await raw.receive()).startswith("40/tasks,")
        yield raw


@pytest.mark.parametrize("frame", MALFORMED, ids=lambda frame: str(frame)[:24])
async def test_a_malformed_frame_ends_its_connection_and_no_other(
    raw, listening, server, caplog, frame
) -> None:
    other = await listening("collaboration_admin")
    await raw.send(frame)
    await raw.until_closed()
    await other.hears("message")
    await other.client.call("anything", namespace="/tasks")
    assert [each.name for each in server.sockets._connections.callers()] == ["collaboration_admin"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("name", ["connect", "disconnect", "*"])
async def test_an_event_with_a_reserved_name_does_nothing(raw, server, name) -> None:
    claims = {"HTTP_AUTHORIZATION": "Bearer of somebody else"}
    await raw.send("42/tasks,7" + json.dumps([name, claims]))
    while await raw.receive() != "43/tasks,7[]":
        pass
    assert [each.name for each in server.sockets._connections.callers()] == ["researcher"]
    (noted,) = server.core.event_journal.events(name=f"event {name}")
    assert (noted.caller, noted.value) == ("researcher", claims)


async def test_strange_names_and_payloads_are_taken_down_and_shown(raw, serving, http) -> None:
    await raw.send('42/tasks,["' + "n" * 500_000 + '","\\ud800\\u0000"]')
    await raw.send('42/tasks,8["\\ud800",NaN,1e999]')
    while await raw.receive() != "43/tasks,8[]":
        pass
    journal = serving.server.core.event_journal
    names = [event.name for event in journal.events(way="received", by="researcher")]
    assert names == ["connect", "n" * 100, "?"]
    assert json.dumps([event.payload for event in journal.events()])


async def test_a_poll_with_a_malformed_frame_is_refused_and_the_session_goes_on(
    serving, http, connections, caplog
) -> None:
    login = {"username": "researcher", "password": PASSWORDS["researcher"]}
    headers = {"Authorization": f"Bearer {await token_of(http, 'user', login)}"}
    url = f"{serving.url}/socket.io/?EIO=4&transport=polling"
    async with connections.get(url, headers=headers) as opened:
        sid = json.loads((await opened.text())[1:])["sid"]
    for body in (b"\xff", b"x", b"", b'42["a"]\x1e' * 20, b"bAAAA", b"d=4", b"42[1]"):
        async with connections.post(f"{url}&sid={sid}", data=body) as refused:
            assert refused.status == 400
    async with connections.post(f"{url}&sid={sid}", data=b"40/tasks,") as taken:
        assert (taken.status, await taken.text()) == (200, "OK")
    async with connections.get(f"{url}&sid={sid}") as polled:
        assert "40/tasks," in await polled.text()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@given(st.text() | st.from_regex(r"4[0-9]{1,3}-?(/[a-z]*,)?[0-9]{0,3}(\[.*\]|\{.*\})?"))
def test_a_frame_that_is_read_is_one_that_the_library_can_read(frame: str) -> None:
    checked = check(frame)
    if checked is not None and checked.startswith("4"):
        packet = socketio.packet.Packet(encoded_packet=checked[1:])
        assert packet.packet_type in range(4)
        if packet.packet_type == socketio.packet.EVENT:
            assert packet.data[0] not in ("connect", "disconnect", "*")


@given(st.binary())
def test_the_body_of_a_poll_is_checked_whatever_it_is(body: bytes) -> None:
    checked = check_body(body)
    assert checked is None or checked.decode()
