"""Telling browsers what has changed, as server-sent events.

A browser is told names of what changed since it was told last, however much that was: there is no
queue that could grow. Of a run's log it gets what it has not got yet. One that does not take what
it is sent is left.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING
from zlib import crc32

from markupsafe import escape
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from v6sim.inspector.asks import Ask
from v6sim.inspector.traffic import Traffic
from v6sim.inspector.visitors import Visitor
from v6sim.server.errors import ServerError

if TYPE_CHECKING:
    from v6sim.server.app import Server

_PAUSE = 0.25  # seconds between two looks
_REST = 3  # looks for which a browser that was told of changes is not told of more
_SILENCE = 60  # looks without news after which a browser is told that there are none
_BROWSERS = 100  # that are told at a time, besides those of the operator
_BROWSERS_OF_ONE = 20  # visitor
_PATIENCE = 20.0  # seconds that a browser may take for what it is sent
_CHUNK = 50_000  # characters of a log at a time

log = logging.getLogger(__name__)

_FOR_ALL = ("federation", "tasks")


class Live:
    """What there is to tell.

    Args:
        server: what is looked at.
        patience: seconds that a browser may take for what it is sent.
    """

    def __init__(self, server: "Server", patience: float = _PATIENCE) -> None:
        self._server = server
        self.traffic = Traffic(server.core.events)
        self.patience = patience
        self.browsers: Counter[int] = Counter()
        """How many are being told, by the id of whose they are."""

    def mark(self) -> str:
        """The present state as a text, from which a stream goes on: `?since=`."""
        return "-".join(self.state().values())

    def state(self) -> Mapping[str, str]:
        """For each topic a text that changes with it."""
        core = self._server.core
        revision = core.store.revisions.of
        tasks = revision("task", "run")
        flows = len(self.traffic.sent), len(self.traffic.reported), self.traffic.changes
        parts = revision("organization", "collaboration", "member", "node")
        faults = tuple((key, fault.times) for key, fault in core.faults.numbered.items())
        mails = core.outbox.mails
        snapshots = tuple((name, len(kept["task"])) for name, kept in core.snapshots.items())
        values: dict[str, object] = {
            "tasks": tasks,
            "federation": (tasks, flows, parts),
            "journal": core.journal.last,
            "decisions": core.records.last,
            "outbox": (len(mails), mails[-1].at if mails else None),
            "controls": (faults, snapshots, core.clock.shifted),
        }
        return {name: f"{crc32(repr(value).encode()):x}" for name, value in values.items()}


def listen(ask: Ask) -> Response:
    """What changes from now on, until the browser goes; with `?run=` also what that run prints."""
    live, visitor = ask.house.live, ask.visitor
    most = _BROWSERS_OF_ONE
    is_too_many = live.browsers[_id_of(visitor)] >= most
    if not visitor.is_operator and live.browsers.total() >= _BROWSERS:
        most, is_too_many = _BROWSERS, True
    if is_too_many:
        return Response(f"{most} browsers are told already", 503, {"retry-after": "10"})
    return _Stream(ask)


def _id_of(visitor: Visitor) -> int:
    return visitor.caller.id if visitor.caller else 0


class _Stream(StreamingResponse):
    """The stream for one browser.

    Args:
        ask: its request.
    """

    def __init__(self, ask: Ask) -> None:
        super().__init__((), media_type="text/event-stream")
        self._ask, self._live = ask, ask.house.live
        self._has_gone = False

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the browser has gone, or takes too long."""
        whose = _id_of(self._ask.visitor)
        self._live.browsers[whose] += 1
        watching = asyncio.create_task(self._watch(receive))
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        try:
            await send(start)
            async for text in self._news():
                await self._send(send, text)
            await self._send(send, "", is_last=True)
        except (TimeoutError, OSError):
            log.info("a browser does not take what it is sent, and is left")
        finally:
            self._live.browsers[whose] -= 1
            watching.cancel()

    async def _send(self, send: Send, text: str, *, is_last: bool = False) -> None:
        body = {"type": "http.response.body", "body": text.encode(), "more_body": not is_last}
        async with asyncio.timeout(self._live.patience):
            await send(body)

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._has_gone = True

    async def _news(self) -> AsyncIterator[str]:
        live, ask, printing = self._live, self._ask, _Log(self._ask)
        now = live.state()
        marks, silence = ask.query("since").split("-"), _REST
        before = dict(zip(now, marks, strict=False)) if len(marks) == len(now) else now
        yield "retry: 1000\n: from here on\n\n"
        while not (self._has_gone or ask.core.feeds.closed):
            await asyncio.sleep(_PAUSE)
            now, printed = live.state() if silence >= _REST else before, printing.fresh()
            changed = [name for name in now if now[name] != before[name]]
            silence += 1
            if not (changed or printed or silence >= _SILENCE):
                continue
            visitor = ask.house.visitors.of(ask.request)
            if visitor.caller is None or visitor.caller != ask.visitor.caller:
                return  # has logged out, or may see other things than before
            silence = 0 if changed or not printed else silence
            before = now
            topics = [name for name in changed if visitor.sees_all or name in _FOR_ALL]
            told = "".join(f"event: {name}\ndata: changed\n\n" for name in topics)
            yield told + printed or ": still here\n\n"


class _Log:
    """What a run has printed, as far as a browser has not got it.

    Args:
        ask: the browser's request: `run` and `from`, or where it was when it got lost.
    """

    def __init__(self, ask: Ask) -> None:
        run, begin = ask.query("run"), ask.request.headers.get("last-event-id") or ask.query("from")
        self._run = int(run) if run.isdecimal() and len(run) < 10 else None
        self._sent = int(begin) if begin.isdecimal() and len(begin) < 10 else 0
        self._ask, self._logs = ask, ask.core.logs

    def fresh(self) -> str:
        """An event with it; empty if there is nothing, or nothing for this visitor."""
        if self._run is None:
            return ""
        text = self._logs.of(self._run)[self._sent : self._sent + _CHUNK]
        if not text or not self._may_see(self._run):
            return ""
        self._sent += len(text)
        lines = re.split(r"\r\n|\r|\n", f"<span>{escape(text)}</span>")
        content = "".join(f"data: {line}\n" for line in lines)
        return f"event: log\nid: {self._sent}\n{content}\n"

    def _may_see(self, run: int) -> bool:
        try:
            with self._ask.seeing() as seen:
                return bool(seen.run(run))
        except ServerError:
            return False
