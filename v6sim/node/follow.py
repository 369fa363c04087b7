"""Passing on what an algorithm prints while it runs, to a server that wants to hear it."""

import asyncio
import codecs
from pathlib import Path

from v6sim.node.line import FAILURES
from v6sim.node.link import Link

_PAUSE = 0.2  # seconds between two looks
_MOST = 256 * 1024  # bytes at a time


async def follow(link: Link, run_id: int, file: Path) -> None:
    """Send what is added to a log, until cancelled or the server does not want it.

    That is a courtesy of v6sim's own server; the whole log is part of the run's report.

    Args:
        link: the node's line to the server.
        run_id: whose log it is.
        file: the log; it may not be there yet.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    path, offset = f"/_v6sim/runs/{run_id}/log", 0
    while True:
        await asyncio.sleep(_PAUSE)
        content = await asyncio.to_thread(_read, file, offset)
        if not content:
            continue
        offset += len(content)
        try:
            answer = await link.line.send(
                "POST", path, link.token, {"text": decoder.decode(content)}
            )
        except FAILURES:
            return
        if answer.status >= 400:
            return


def _read(file: Path, offset: int) -> bytes:
    try:
        with file.open("rb") as log:
            log.seek(offset)
            return log.read(_MOST)
    except FileNotFoundError:
        return b""
