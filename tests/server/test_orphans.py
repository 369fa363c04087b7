"""Subtasks whose master is gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Caller, task_body
from v6sim.server.app import Server
from v6sim.server.clock import Clock
from v6sim.server.events import Event, KillRequested
from v6sim.server.operations.orphans import Orphans

STARTED = {"started_at": "2026-01-01T10:00:00.000000"}
ANEW = {"started_at": "2026-01-01T10:05:00.000000"}
NODE = 8


class Job:
    """A master at organization 2, with a subtask at organization 3."""

    def __init__(self, researcher: Caller, node: Caller, master: int, subtask: int) -> None:
        self.researcher, self.node, self.master, self._subtask = researcher, node, master, subtask

    async def subtask(self) -> Any:
        """How the subtask's only run is."""
        (run,) = await self.researcher("GET", f"/task/{self._subtask}/result")
        return run["status"], run["finished_at"] is not None


@pytest.fixture
async def job(server: Server, calling: Callable[..., Any]) -> Job:
    researcher, node = await calling("researcher"), await calling(node=1)
    master = await researcher("POST", "/task", task_body(2))
    asked = {"task_id": master["id"], "image": "some/image"}
    token = (await node("POST", "/token/container", asked))["container_token"]
    await node("PATCH", "/result/1", STARTED)
    container = await calling()
    container.http.headers["Authorization"] = f"Bearer {token}"
    subtask = await container("POST", "/task", task_body(3))
    return Job(researcher, node, master["id"], subtask["id"])


@pytest.fixture
def kills(server: Server) -> list[Event]:
    """The orders to kill that the server has given."""
    told: list[Event] = []
    server.core.events.subscribe(
        lambda event: told.append(event) if isinstance(event, KillRequested) else None
    )
    return told


async def test_a_master_that_is_begun_anew_has_its_subtasks_stopped(
    job: Job, kills: list[Event]
) -> None:
    await job.node("PATCH", "/result/1", ANEW)
    assert await job.subtask() == ("killed by user", True)
    assert len(kills) == 1


async def test_a_report_that_is_sent_twice_stops_nothing(job: Job, kills: list[Event]) -> None:
    await job.node("PATCH", "/result/1", STARTED)
    assert await job.subtask() == ("pending", False)
    assert not kills


async def test_a_master_whose_node_stays_away_has_its_subtasks_stopped(
    job: Job, server: Server, clock: Clock, kills: list[Event]
) -> None:
    orphans = Orphans(server.core)
    orphans.look(present=[])
    clock.shift(timedelta(seconds=299))
    orphans.look(present=[])
    assert await job.subtask() == ("pending", False)
    clock.shift(timedelta(seconds=1))
    orphans.look(present=[])
    assert await job.subtask() == ("killed by user", True)
    assert len(kills) == 1


async def test_a_node_that_comes_back_in_time_is_not_missed(
    job: Job, server: Server, clock: Clock
) -> None:
    orphans = Orphans(server.core)
    orphans.look(present=[])
    orphans.look(present=[NODE])
    clock.shift(timedelta(seconds=300))
    orphans.look(present=[])
    assert await job.subtask() == ("pending", False)


async def test_subtasks_that_outlast_their_master_are_let_be(
    job: Job, server: Server, clock: Clock
) -> None:
    await job.node("PATCH", "/result/1", {"status": "completed", "finished_at": ANEW["started_at"]})
    orphans = Orphans(server.core)
    orphans.look(present=[])
    clock.shift(timedelta(seconds=300))
    orphans.look(present=[])
    assert await job.subtask() == ("pending", False)


async def test_without_a_limit_nothing_is_stopped(
    job: Job, server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.core.settings, "orphan_seconds", 0)
    orphans = Orphans(server.core)
    orphans.look(present=[])
    clock.shift(timedelta(hours=1))
    orphans.look(present=[])
    assert await job.subtask() == ("pending", False)
