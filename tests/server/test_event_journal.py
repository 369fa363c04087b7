"""The journal of events."""

import asyncio

import httpx

from tests.conftest import task_body
from tests.server.conftest import PATIENCE
from v6sim.server.clock import Clock
from v6sim.server.event_journal import EventJournal

NODE = "example_org1 - example_collab1 Node"


async def test_it_is_known_who_said_what_to_whom(server, calling, listening) -> None:
    admin, node = await listening("collaboration_admin"), await listening(node=1)
    researcher = await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    await node.hears("new_task")
    journal = server.core.event_journal
    [told] = journal.events(name="new_task", room="collaboration_1")
    assert (told.way, told.kind, told.value) == ("sent", "server", 1)
    assert set(told.heard_by) == {"collaboration_admin", NODE}
    assert str(told) == "new_task sent to collaboration_1: 1"
    assert told in journal.events(to=NODE)
    assert [each.caller for each in journal.events(name="connect", way="received")] == [
        "collaboration_admin", NODE,
    ]  # fmt: skip
    await admin.client.disconnect()
    gone = lambda: journal.events(name="disconnect", by="collaboration_admin")  # noqa: E731
    assert await journal.until(lambda: bool(gone()), PATIENCE)
    assert [each.id for each in journal.events()] == sorted(each.id for each in journal.events())


async def test_what_nobody_knows_is_taken_down_too(server, listening) -> None:
    node = await listening(node=1)
    await node.client.emit("hello", {"number": 1}, namespace="/tasks")
    journal = server.core.event_journal
    assert await journal.until(lambda: bool(journal.events(name="hello")), PATIENCE)
    [heard] = journal.events(name="hello", by="node")
    assert (heard.caller, heard.value) == (NODE, {"number": 1})


async def test_events_are_there_for_other_programs(server, serving, listening) -> None:
    await listening(node=1)
    secret = {"Authorization": f"Bearer {server.secret}"}
    async with httpx.AsyncClient(base_url=f"{serving.url}/_v6sim", headers=secret) as control:
        [seen] = (await control.get("/journal/events?name=connect&by=node")).json()
        assert (seen["caller"], seen["way"]) == (NODE, "received")
        assert (await control.get("/journal/events?way=lost")).status_code == 400
        await control.post("/reset")
        assert (await control.get("/journal/events?name=connect")).json() == []


def test_memory_is_bounded(clock: Clock) -> None:
    journal = EventJournal()
    for number in range(6_000):
        journal.note_received(clock.now(), "x", None, number)
    journal.note_sent(clock.now(), "long", "r", "y" * 10_000, ())
    events = journal.events()
    assert (len(events), events[0].value) == (5_000, 1_001)
    assert (len(events[-1].payload), events[-1].value) == (2_000, None)


async def test_waiting_ends_in_time() -> None:
    assert not await EventJournal().until(lambda: False, 0.01)
    journal = EventJournal()
    waiting = asyncio.create_task(journal.until(lambda: bool(journal.events()), PATIENCE))
    await asyncio.sleep(0)
    journal.note_received(Clock().now(), "x", None, None)
    assert await waiting
