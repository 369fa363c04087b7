"""Telling a server that wants to hear it what runs find in their environment."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from v6sim.node.environments import without_secrets
from v6sim.node.line import FAILURES
from v6sim.node.link import Link


class Telling:
    """Sends the variables of runs, without what is secret, to v6sim's own server.

    That is a courtesy: what cannot be sent is not, and a server that knows nothing of it, as the
    genuine one, is not asked again. To be made in the node's event loop; called from any thread.

    Args:
        link: the node's line to the server.
    """

    def __init__(self, link: Link) -> None:
        self._link, self._loop = link, asyncio.get_running_loop()
        self._is_wanted = True
        self._under_way: set[asyncio.Task[None]] = set()

    def __call__(self, run_id: int, environment: Mapping[str, str]) -> None:
        """Tell of a run."""
        with suppress(RuntimeError):  # the loop may be gone, and nobody ask any more
            self._loop.call_soon_threadsafe(self._begin, run_id, without_secrets(environment))

    def stop(self) -> None:
        """Tell no more."""
        self._is_wanted = False
        for task in self._under_way:
            task.cancel()

    def _begin(self, run_id: int, variables: Mapping[str, str]) -> None:
        if self._is_wanted:
            task = asyncio.create_task(self._send(run_id, variables))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _send(self, run_id: int, variables: Mapping[str, str]) -> None:
        path, body = f"/_v6sim/runs/{run_id}/environment", {"variables": variables}
        try:
            answer = await self._link.line.send("POST", path, self._link.token, body)
        except FAILURES:
            return
        self._is_wanted = self._is_wanted and answer.status not in (404, 405)
