"""A wire that can be tapped: hands bytes on between clients and a server, and keeps them."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Relay:
    """What has passed a wire.

    Args:
        target: address of the server, with the path of its API.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._streams: list[bytearray] = []
        self._ends: set[asyncio.StreamWriter] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self._is_broken = False
        self.port = 0

    @property
    def api_url(self) -> str:
        """The address of the server by this wire."""
        return f"http://127.0.0.1:{self.port}{self._target.path}"

    @property
    def traffic(self) -> bytes:
        """All that has passed so far, stream by stream."""
        return b"\0".join(self._streams)

    def fall_silent(self) -> None:
        """Let nothing pass any more, without anybody being told, as when a cable is cut."""
        self._passes.clear()

    def break_off(self) -> None:
        """End all connections, and refuse new ones, as when a router is switched off."""
        self._is_broken = True
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        """Let everything pass again, also what was held up."""
        self._is_broken = False
        self._passes.set()

    async def connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Hand on what passes between a client and the server, until both have ended."""
        if self._is_broken:
            back.transport.abort()
            return
        far, on = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._ends |= {on, back}
        try:
            await asyncio.gather(self._hand_on(near, on), self._hand_on(far, back))
        except ConnectionError:
            pass
        finally:
            self._ends -= {on, back}
            on.close()
            back.close()

    async def _hand_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        kept = bytearray()
        self._streams.append(kept)
        while content := await source.read(2**16):
            kept += content
            await self._passes.wait()
            sink.write(content)
            await sink.drain()
        sink.close()


@asynccontextmanager
async def relaying(target: str) -> AsyncIterator[Relay]:
    """A wire to a server, for as long as the context lasts."""
    relay = Relay(target)
    listening = await asyncio.start_server(relay.connect, "127.0.0.1")
    relay.port = listening.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        listening.close()


def readable(needle: bytes, hay: bytes) -> bool:
    """Whether something stands in plain or in base64 in the midst of other bytes."""
    if needle in hay:
        return True
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + needle)
        # the first and the last characters depend on what stands around the needle
        if encoded[4 if offset else 0 : len(encoded) - 4] in hay:
            return True
    return False
