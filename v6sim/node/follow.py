"""Passing on what an algorithm prints while it runs, to a server that wants to hear it."""

import asyncio
import codecs
from pathlib import Path

from v6sim.node.folders import read_part
from v6sim.node.line import AWAY, FAILURES
from v6sim.node.link import VOID, Link

_PAUSE = 0.2  # seconds between two looks
_MOST = 256 * 1024  # bytes at a time
_AGAIN = {409, *VOID, *AWAY}
"""A server that lacks what came before, takes no token just now, or is away."""


async def follow(link: Link, run_id: int, file: Path, most: int) -> None:
    """Send what is added to a log, until cancelled or the server does not want it.

    That is a courtesy of v6sim's own server; the whole log is part of the run's report. When
    something goes wrong, all is sent anew: the server knows by the offset what it has.

    Args:
        link: the node's line to the server.
        run_id: whose log it is.
        file: the log; it may not be there yet.
        most: how many bytes of it are sent; the report has more to say on what comes then.
    """
    while await _send(link, f"/_v6sim/runs/{run_id}/log", file, most):
        pass


async def _send(link: Link, path: str, file: Path, most: int) -> bool:
    """Send a log from its beginning on; returns whether to begin again when that fails."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    read = sent = 0
    while read < most:
        await asyncio.sleep(_PAUSE)
        content = await asyncio.to_thread(read_part, file, read, min(_MOST, most - read))
        if not content:
            continue
        read += len(content)
        text = decoder.decode(content)
        try:
            answer = await link.line.send("POST", path, link.token, {"text": text, "offset": sent})
        except FAILURES:
            return True
        if answer.status >= 400:
            return answer.status in _AGAIN
        sent += len(text)
    return False
