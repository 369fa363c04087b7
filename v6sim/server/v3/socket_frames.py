"""Frames that clients send over Socket.IO: a check before the library reads them.

The library raises on many malformed frames and leaves such a connection open without an owner. It
also calls its handlers of `connect` and `disconnect` for events that bear these names, and for one
that is called `*` the handler of all others, without the name.
"""

import logging
import re
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from v6sim.wire.sockets import socketio

MOST_BYTES = 1_000_000
"""Of one frame, and of all that one request of polling carries."""
_MOST_FRAMES = 16  # of one such request
_SEPARATOR = "\x1e"  # between the frames of a request of polling
_RESERVED = ("connect", "disconnect", "*")
_OF_ENGINE = re.compile(r"[1236]|2probe|5")  # close, ping, pong, noop; the two of an upgrade

log = logging.getLogger(__name__)


class Server(socketio.AsyncServer):  # type: ignore[misc]
    """A Socket.IO server that reads well-formed frames of text only.

    A client that sends another one is treated as gone. No client of vantage6 does.
    """

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or one request of a client that polls."""
        if scope["type"] == "websocket":
            await super().handle_request(scope, _Checked(receive), send)
        elif scope["method"] == "POST":
            await self._handle_poll(scope, receive, send)
        else:
            await super().handle_request(scope, receive, send)

    async def _handle_poll(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        checked = check_body(body)
        if checked is None:
            log.info("a client that polls sent a malformed frame; %d bytes are ignored", len(body))
            await _refuse(send)
            return
        length = (b"content-length", str(len(checked)).encode())
        kept = [each for each in scope["headers"] if each[0].lower() != b"content-length"]
        message = {"type": "http.request", "body": checked, "more_body": False}
        sent = iter([message])

        async def replay() -> Message:
            return next(sent, None) or await receive()

        await super().handle_request({**scope, "headers": [*kept, length]}, replay, send)


def check_body(body: bytes) -> bytes | None:
    """Return what a request of polling carries as it is read; None if it is malformed."""
    if len(body) > MOST_BYTES:
        return None
    try:
        frames = body.decode().split(_SEPARATOR)
    except UnicodeDecodeError:
        return None
    checked = [check(frame) for frame in frames] if len(frames) <= _MOST_FRAMES else [None]
    good = [frame for frame in checked if frame is not None]
    return _SEPARATOR.join(good).encode() if len(good) == len(frames) else None


def check(frame: str) -> str | None:
    """Return a frame as it is read; None if it is not one that clients may send.

    An event with a reserved name is given another name, of which no handler knows.
    """
    if len(frame) > MOST_BYTES:
        return None
    if not frame.startswith("4"):
        return frame if _OF_ENGINE.fullmatch(frame) else None
    if not frame[1:2].isdecimal():
        return None
    try:
        packet = socketio.packet.Packet(encoded_packet=frame[1:])
        if packet.attachment_count or not _is_fitting(packet.packet_type, packet.id, packet.data):
            return None
        if packet.packet_type == socketio.packet.EVENT and packet.data[0] in _RESERVED:
            packet.data[0] = f"event {packet.data[0]}"
            return f"4{packet.encode()}"
    except (ValueError, RecursionError):
        return None
    return frame


def _is_fitting(kind: int, key: int | None, data: Any) -> bool:
    """Return whether a packet of this kind may have this id and carry this."""
    match kind:
        case 0:  # a connection, perhaps with a wish
            return key is None and (data is None or isinstance(data, dict))
        case 1:  # the end of one
            return key is None and data is None
        case 2:  # an event
            return isinstance(data, list) and bool(data) and isinstance(data[0], str)
        case 3:  # an acknowledgement: the server's own ids begin at 1
            return isinstance(data, list) and bool(key)
    return False


class _Checked:
    """What comes in over one websocket, up to the first malformed frame."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_over = False

    async def __call__(self) -> Message:
        if self._is_over:
            return _GONE
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        text = message.get("text")
        checked = None if text is None else check(text)
        if checked is not None:
            return {"type": "websocket.receive", "text": checked}
        size = len(text or message.get("bytes") or "")
        log.info("a client sent a malformed frame of %d bytes: its connection is closed", size)
        self._is_over = True
        return _GONE


_GONE: Message = {"type": "websocket.disconnect", "code": 1003}


async def _body(receive: Receive) -> bytes:
    """All that a request carries, until it is more than it may be."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES or not message.get("more_body"):
            return bytes(body)


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": b"a malformed frame"})
