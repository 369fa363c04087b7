"""Runs that nobody can finish any more: the server ends them, and says why."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Caller, task_body
from v6sim.server.app import Server
from v6sim.server.events import Event, KillRequested, PresenceChanged, RunToKill, RunUpdated
from v6sim.server.operations.endings import hinder_node

DONE = {"status": "completed", "result": "cg==", "finished_at": "2026-01-01T10:00:00.000000"}
JSON = {"Content-Type": "application/json"}
NODE, NAME = 8, "example_org1 - example_collab1 Node"
COLLABORATION = "collaboration 1 ('example_collab1')"


@pytest.fixture
async def root(calling: Callable[..., Any]) -> Caller:
    caller: Caller = await calling("root")
    return caller


@pytest.fixture
async def researcher(calling: Callable[..., Any]) -> Caller:
    caller: Caller = await calling("researcher")
    return caller


@pytest.fixture
def told(server: Server) -> list[Event]:
    """What becomes of runs."""
    told: list[Event] = []
    server.core.events.subscribe(
        lambda event: told.append(event) if isinstance(event, RunUpdated | KillRequested) else None
    )
    return told


async def runs(root: Caller, task: int) -> dict[int, dict[str, Any]]:
    """The runs of a task by their organizations."""
    return {row["organization"]: row for row in await root("GET", f"/task/{task}/result")}


async def new_collaboration(root: Caller) -> int:
    body = {"name": "another", "organization_ids": [2], "encrypted": 0}
    key: int = (await root("POST", "/collaboration", body))["id"]
    return key


LEAVING = {
    "its node is deleted": (
        "DELETE", f"/node/{NODE}", None, f"node 8 ('{NAME}'), which this run was for, was deleted",
    ),
    "its node goes elsewhere": (
        "POST", "/collaboration/2/node", {"id": NODE},
        f"node 8 ('{NAME}'), which this run was for, was moved elsewhere",
    ),
    "its node is changed to be elsewhere": (
        "PATCH", f"/node/{NODE}", {"collaboration_id": 2},
        f"node 8 ('{NAME}'), which this run was for, was moved elsewhere",
    ),
    "its node is taken out": (
        "DELETE", "/collaboration/1/node", {"id": NODE},
        f"node 8 ('{NAME}'), which this run was for, was moved elsewhere",
    ),
    "its organization leaves": (
        "DELETE", "/collaboration/1/organization", {"id": 2},
        f"the organization that this run was for has left {COLLABORATION}",
    ),
    "its organization is no longer named": (
        "PATCH", "/collaboration/1", {"organization_ids": [1, 3, 4]},
        f"the organization that this run was for has left {COLLABORATION}",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "why"), LEAVING.values(), ids=LEAVING)
async def test_a_run_ends_when(
    method: str, path: str, body: Any, why: str, root: Caller, researcher: Caller,
    calling: Callable[..., Any], told: list[Event],
) -> None:  # fmt: skip
    await new_collaboration(root)
    ended, task = await calling(node=1), await researcher("POST", "/task", task_body(2, 3))
    done = await researcher("POST", "/task", task_body(2))
    await ended("PATCH", "/result/3", DONE)
    told.clear()
    await root(method, path, body)
    seen = await runs(root, task["id"])
    assert (seen[2]["status"], seen[2]["log"]) == ("failed", f"server > {why}\n")
    assert seen[2]["finished_at"] is not None
    assert (seen[3]["status"], seen[3]["finished_at"]) == ("pending", None)
    assert (await runs(root, done["id"]))[2]["status"] == "completed"
    assert told == [
        RunUpdated(1, task["id"], 1, "failed", has_ended=True),
        KillRequested(1, (RunToKill(task["id"], 1, 2),)),
    ]


async def test_all_runs_end_when_their_collaboration_is_deleted(
    root: Caller, researcher: Caller
) -> None:
    task = await researcher("POST", "/task", task_body(2, 3))
    await root("DELETE", "/collaboration/1")
    for run in (await runs(root, task["id"])).values():
        assert run["status"] == "failed"
        assert run["log"] == f"server > {COLLABORATION} was deleted\n"
    assert (await root("GET", f"/task/{task['id']}"))["complete"]


async def test_what_was_printed_so_far_stays_in_the_log(
    root: Caller, researcher: Caller, server: Server
) -> None:
    task = await researcher("POST", "/task", task_body(2))
    server.core.logs.append(1, task["id"], "half of a line\0", 0)
    await root("DELETE", f"/node/{NODE}")
    log = (await runs(root, task["id"]))[2]["log"]
    assert log.startswith("half of a line\ufffd\nserver > node 8 ")


async def test_the_subtasks_of_a_master_end_with_it(
    root: Caller, researcher: Caller, calling: Callable[..., Any], told: list[Event]
) -> None:
    node = await calling(node=1)
    master = await researcher("POST", "/task", task_body(2))
    asked = {"task_id": master["id"], "image": "some/image"}
    token = (await node("POST", "/token/container", asked))["container_token"]
    container = await calling()
    container.http.headers["Authorization"] = f"Bearer {token}"
    subtask = await container("POST", "/task", task_body(3))
    await root("DELETE", f"/node/{NODE}")
    run = (await runs(root, subtask["id"]))[3]
    assert run["status"] == "failed"
    assert run["log"].startswith("server > it is part of a task whose master, run 1, was ended:")
    [kill] = [event for event in told if isinstance(event, KillRequested)]
    assert {each.run_id for each in kill.runs} == {1, 2}


async def test_who_waits_is_told_at_once(
    calling: Callable[..., Any], make_server: Callable[..., Server]
) -> None:
    server = make_server(hold_seconds=60)
    root, researcher = await calling("root", to=server), await calling("researcher", to=server)
    await researcher("POST", "/task", task_body(2))
    poll = asyncio.create_task(researcher("GET", "/task/1"))
    await asyncio.wait({poll}, timeout=0.05)
    await root("DELETE", f"/node/{NODE}")
    async with asyncio.timeout(5):
        assert (await poll)["status"] == "failed"


async def test_a_node_that_cannot_work_has_its_runs_ended_those_of_now_and_new_ones(
    root: Caller, researcher: Caller, server: Server
) -> None:
    before = await researcher("POST", "/task", task_body(2, 3))
    hinder_node(server.core, NODE, "node 8 has given up: why not")
    after = await researcher("POST", "/task", task_body(2, 3))
    for task in (before, after):
        seen = await runs(root, task["id"])
        assert (seen[2]["status"], seen[3]["status"]) == ("failed", "pending")
        assert seen[2]["log"] == "server > node 8 has given up: why not\n"
    server.core.events.publish(PresenceChanged(NODE, is_online=True))
    again = await researcher("POST", "/task", task_body(2))
    assert (await runs(root, again["id"]))[2]["status"] == "pending"


async def test_a_report_that_no_database_takes_ends_its_run(
    researcher: Caller, calling: Callable[..., Any]
) -> None:
    node, task = await calling(node=1), await researcher("POST", "/task", task_body(2))
    passing = await node.http.patch("/result/1", content=b'{"log": "\\ud800"}', headers=JSON)
    assert passing.status_code == 400
    assert (await runs(researcher, task["id"]))[2]["finished_at"] is None
    final = b'{"log": "\\ud800", "status": "completed", "finished_at": "2026-01-01T10:00:00.0"}'
    refused = await node.http.patch("/result/1", content=final, headers=JSON)
    assert refused.status_code == 400
    run = (await runs(researcher, task["id"]))[2]
    assert run["status"] == "failed"
    assert run["log"].startswith("server > the report on this run cannot be stored: a value cannot")
