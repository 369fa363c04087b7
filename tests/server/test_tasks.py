"""Tasks: what parity with the genuine server does not show."""

import asyncio

from tests.conftest import task_body
from v6sim.server.events import Event, TaskCreated

DONE = {"status": "completed", "result": "cg==", "finished_at": "2026-01-01T10:00:00.000000"}


async def test_an_answer_about_an_open_task_is_held_until_it_is_complete(
    calling, make_server
) -> None:
    server = make_server(hold_seconds=60)
    researcher = await calling("researcher", to=server)
    node = await calling(node=1, to=server)
    task = await researcher("POST", "/task", task_body(2))
    poll = asyncio.create_task(researcher("GET", f"/task/{task['id']}"))
    await node("PATCH", "/result/1", {"status": "active"})
    assert not poll.done()
    await node("PATCH", "/result/1", DONE)
    async with asyncio.timeout(5):
        assert (await poll)["complete"]


async def test_who_wants_an_answer_sooner_gets_it(calling, make_server) -> None:
    researcher = await calling("researcher", to=make_server(hold_seconds=60))
    task = await researcher("POST", "/task", task_body(2))
    async with asyncio.timeout(5):
        for prefer in ("wait=0", "return=minimal, wait=1"):
            shown = await researcher("GET", f"/task/{task['id']}", headers={"Prefer": prefer})
            assert not shown["complete"]


async def test_a_browser_is_never_kept_waiting(calling, make_server) -> None:
    researcher = await calling("researcher", to=make_server(hold_seconds=60))
    task = await researcher("POST", "/task", task_body(2))
    page = {"Origin": "http://localhost:8080"}
    async with asyncio.timeout(5):
        shown = await researcher("GET", f"/task/{task['id']}", headers=page)
    assert not shown["complete"]


async def test_a_node_is_never_kept_waiting(calling, make_server) -> None:
    server = make_server(hold_seconds=60)
    researcher, node = await calling("researcher", to=server), await calling(node=1, to=server)
    task = await researcher("POST", "/task", task_body(2))
    async with asyncio.timeout(5):
        assert not (await node("GET", f"/task/{task['id']}"))["complete"]


async def test_a_held_answer_comes_when_the_task_is_killed_or_deleted(calling, make_server) -> None:
    server = make_server(hold_seconds=60)
    root, researcher = await calling("root", to=server), await calling("researcher", to=server)
    for end in (("POST", "/kill/task", {"id": 1}), ("DELETE", "/task/2", None)):
        task = await researcher("POST", "/task", task_body(2))
        poll = asyncio.create_task(researcher.ask("GET", f"/task/{task['id']}"))
        await asyncio.wait({poll}, timeout=0.05)
        await root(*end)
        async with asyncio.timeout(5):
            assert (await poll).status_code in (200, 404)


async def test_a_refused_master_task_leaves_nothing_but_a_gap_in_the_ids(calling) -> None:
    researcher = await calling("researcher")
    refused = await researcher.ask("POST", "/task", task_body(3, master=True))
    assert refused.status_code == 400
    assert await researcher("GET", "/task") == []
    task = await researcher("POST", "/task", task_body(2))
    assert (task["id"], task["run_id"], task["results"][0]["id"]) == (2, 2, 1)


async def test_what_happened_is_told_once_it_is_stored(calling, server) -> None:
    heard: list[Event] = []
    server.core.events.subscribe(heard.append)
    researcher = await calling("researcher")
    await researcher.ask("POST", "/task", task_body(99))
    assert heard == []
    await researcher("POST", "/task", task_body(2, 3))
    assert heard == [
        TaskCreated(task_id=1, job_id=1, collaboration_id=1, initiator_id=2, organizations=(2, 3))
    ]


async def test_both_spellings_of_include_are_taken_on_both_routes(calling) -> None:
    researcher = await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    for path in ("/task?include=result", "/task?include=results"):
        assert (await researcher("GET", path))[0]["results"][0]["input"] == "aW5wdXQ="
    for path in ("/task/1?include=result", "/task/1?include=results"):
        assert (await researcher("GET", path))["results"][0]["input"] == "aW5wdXQ="


async def test_tasks_are_found_by_their_status(calling) -> None:
    researcher, node = await calling("researcher"), await calling(node=1)
    for _ in range(3):
        await researcher("POST", "/task", task_body(2))
    await researcher("POST", "/task", task_body())
    await node("PATCH", "/result/1", DONE)
    await node("PATCH", "/result/2", {"status": "crashed"})
    found = {}
    for status in ("pending", "completed", "failed", "unknown", "active", "nonsense"):
        rows = await researcher("GET", f"/task?status={status}")
        assert {row["status"] for row in rows} <= {status}
        found[status] = [row["id"] for row in rows]
    assert found == {
        "pending": [3], "completed": [1], "failed": [2], "unknown": [4], "active": [],
        "nonsense": [],
    }  # fmt: skip


async def test_a_kept_list_is_forgotten_when_something_changes(calling) -> None:
    researcher, node = await calling("researcher"), await calling(node=1)
    await researcher("POST", "/task", task_body(2))
    for _ in range(2):
        assert (await researcher("GET", "/task"))[0]["status"] == "pending"
    await node("PATCH", "/result/1", {"status": "active"})
    assert (await researcher("GET", "/task"))[0]["status"] == "active"


async def test_a_kept_list_is_forgotten_when_a_role_is_taken_away(calling) -> None:
    root, viewer = await calling("root"), await calling("viewer")
    me = next(row for row in await root("GET", "/user") if row["username"] == "viewer")
    for _ in range(2):
        assert (await viewer.ask("GET", "/task")).status_code == 200
    await root("PATCH", f"/user/{me['id']}", {"roles": []})
    assert (await viewer.ask("GET", "/task")).status_code == 401
