"""Snapshots of the server's data, by name."""

import pytest

from tests.conftest import task_body
from v6sim.server.errors import Invalid, NotFound


async def test_what_runs_is_dropped_before_data_go_back(server, calling) -> None:
    researcher, dropped = await calling("researcher"), []

    async def drop() -> None:
        dropped.append(await researcher("GET", "/task"))

    server.before_reset.append(drop)
    server.snapshots.take("empty")
    await researcher("POST", "/task", task_body(2))
    await server.snapshots.restore("empty")
    assert len(dropped[0]) == 1
    assert await researcher("GET", "/task") == []


async def test_a_snapshot_can_be_gone_back_to_again(server, calling) -> None:
    researcher = await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    server.snapshots.take("one")
    for _ in range(2):
        await researcher("POST", "/task", task_body(2))
        await server.snapshots.restore("one")
        assert [task["id"] for task in await researcher("GET", "/task")] == [1]


async def test_names_and_numbers_are_bounded(server) -> None:
    for name in ("", " ", "x" * 101):
        with pytest.raises(Invalid):
            server.snapshots.take(name)
    for number in range(50):
        server.snapshots.take(str(number))
    server.snapshots.take("49")
    with pytest.raises(Invalid):
        server.snapshots.take("50")
    with pytest.raises(NotFound):
        await server.snapshots.restore("50")
