"""Pings: finding out which of the connected nodes still answer."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from v6sim.server.errors import DatabaseFailed, NoRoom
from v6sim.server.operations.call import Core
from v6sim.server.operations.orphans import Orphans
from v6sim.server.v3.connections import Connection, Connections

_PAUSE = 5  # seconds between two rounds
_GRACE = 0.5  # seconds that nodes have for an answer also where the clock is moved on

log = logging.getLogger(__name__)

Send = Callable[[Sequence[Connection], Callable[..., None]], Awaitable[None]]
"""Sends a ping over some connections; calls back with one, and what its acknowledgement carries."""

SetStatus = Callable[[Collection[int], bool], None]
"""Notes that users or nodes are online, or no longer are."""


class Pings:
    """Asks all nodes every now and then whether they are there.

    Args:
        core: the server's shared parts.
        connections: those of nodes are asked.
        send: sends pings.
        set_status: notes what comes out.
        before: is awaited before each round.
    """

    def __init__(
        self, core: Core, connections: Connections, send: Send, set_status: SetStatus,
        before: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._core, self._connections, self._send = core, connections, send
        self._set_status, self._before = set_status, before
        self._orphans = Orphans(core)
        self._asked: set[int] = set()
        self._answered: set[int] = set()
        self._all_answered = asyncio.Event()

    async def repeat(self) -> None:
        """Ask over and over, until cancelled."""
        while True:
            await self._core.clock.sleep(_PAUSE)
            try:
                await self._ask()
                self._orphans.look({caller.id for caller in self._connections.callers()})
            except (DatabaseFailed, NoRoom):  # the store has complained
                log.info("a round of pings could not store what came of it")
            except Exception:
                log.exception("a round of pings failed")

    def note_seen(self, node_id: int) -> None:
        """Take down that a node was there just now."""
        self._answered.add(node_id)
        if self._asked <= self._answered:
            self._all_answered.set()
        self._core.store.seen[node_id] = self._core.clock.utc()
        self._set_status([node_id], True)

    async def _ask(self) -> None:
        await self._before()
        nodes = self._connections.of_nodes()
        self._asked = {node.caller.id for node in nodes if node.caller}
        self._answered.clear()
        self._all_answered.clear()
        await self._send(nodes, self._on_answer)
        await self._core.clock.sleep(self._core.settings.ping_seconds)
        if self._asked:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_answered.wait(), _GRACE)
        self._set_status(self._asked - self._answered, False)

    def _on_answer(self, node: Connection, *said: Any) -> None:
        """Count an answer, which is the node's id, for the node whose connection it came over."""
        caller = node.caller
        if caller and [type(each) for each in said] == [int] and said[0] == caller.id:
            self.note_seen(caller.id)
        else:
            log.info("%s acknowledges a ping with %.100r, not with its own id", caller, said)
