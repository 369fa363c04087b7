"""Reports that the server does not take, now or ever: each run ends all the same."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from tests.conftest import API_KEYS
from tests.node.conftest import WORLD, News, Person
from tests.node.test_node import until
from v6sim.node.assignment import Assignment
from v6sim.node.errors import NodeError, NodeRefused
from v6sim.node.executors.base import Executor
from v6sim.node.habits import Habits, Report, Send
from v6sim.node.node import Node
from v6sim.node.places import Places
from v6sim.node.settings import NodeSettings
from v6sim.server.app import Server
from v6sim.server.clock import Clock
from v6sim.server.faults import Fault
from v6sim.server.serving import Serving

MakeNode = Callable[..., Node]
Who = Callable[[str], Awaitable[Person]]
REPORT = {"kind": "status", "path": "/result/1", "method": "PATCH", "after": 2}
"""The first two are those of the start."""


def have(server: Server, **fault: Any) -> Fault:
    """Have requests fail."""
    return server.core.faults.add(Fault.of(fault))


# --- a server that fails for a while ---


async def test_a_report_that_is_answered_500_is_sent_until_it_is_taken(
    node: Node, researcher: Person, server: Server
) -> None:
    fault = have(server, **REPORT, status=500, times=5)
    run = await researcher.run("size", image="masters")
    assert (run["status"], fault.struck) == ("completed", 5)
    statuses = [each.status for each in server.core.journal.requests(path="/result/1", by="node")]
    assert statuses.count(200) == 3


@pytest.mark.parametrize("status", [429, 500, 502, 507])
async def test_a_run_whose_report_waits_says_why_and_holds_no_place(
    status: int, make_node: MakeNode, researcher: Person, server: Server
) -> None:
    node = make_node(1, Places(1))
    await node.start()
    fault = have(server, **REPORT, status=status)
    waiting = await researcher.send("size", 2, image="masters")
    await until(lambda: fault.struck > 1)
    other = await researcher.run("size", image="masters")
    assert other["status"] == "completed"
    assert str(status) in node.obstacle_of(1) or "away" in node.obstacle_of(1)
    assert node.running == (1,)
    server.core.faults.clear()
    assert await researcher.answers(waiting) == [4]


async def test_a_run_that_cannot_begin_as_the_server_fails_holds_no_place_either(
    make_node: MakeNode, researcher: Person, server: Server
) -> None:
    node = make_node(1, Places(1))
    await node.start()
    fault = have(server, kind="status", path="/result/1", method="PATCH", status=500)
    waiting = await researcher.send("size", 2, image="masters")
    await until(lambda: fault.struck > 1)
    assert (await researcher.run("size", image="masters"))["status"] == "completed"
    server.core.faults.clear()
    assert await researcher.answers(waiting) == [4]


async def test_a_token_that_is_refused_for_now_is_asked_for_again(
    node: Node, researcher: Person, server: Server
) -> None:
    have(server, kind="status", path="/token/container", status=503, times=2)
    have(server, kind="status", path="/token/container", status=500, times=2)
    run = await researcher.run("size", image="masters")
    assert run["status"] == "completed"


async def test_a_run_whose_report_waits_can_be_killed(
    node: Node, researcher: Person, person: Who, server: Server
) -> None:
    fault = have(server, **REPORT, status=500)
    task = await researcher.send("size", 2, image="masters")
    await until(lambda: fault.struck > 1)
    await (await person("organization_admin")).ask("POST", "/kill/task", {"id": task})
    server.core.faults.clear()
    await until(lambda: not node.running)
    [run] = await researcher.runs(task)
    assert run["status"] == "killed by user"


# --- a server that refuses for good ---


@pytest.mark.parametrize("status", [400, 404, 413, 501])
async def test_a_run_whose_report_is_refused_fails_with_the_reason(
    status: int, node: Node, researcher: Person, server: Server
) -> None:
    have(server, **REPORT, status=status, times=1)
    run = await researcher.run("size", image="masters")
    assert (run["status"], run["result"]) == ("failed", "")
    assert f"node > this run cannot be reported: PATCH result/1: {status} a fault" in run["log"]
    assert "info > writing the output" in run["log"]


async def test_a_start_that_is_refused_fails_the_run_with_the_reason(
    node: Node, researcher: Person, server: Server
) -> None:
    have(server, kind="status", path="/result/1", method="PATCH", status=400, times=1)
    run = await researcher.run("size", image="masters")
    assert run["status"] == "failed"
    assert "node > this run cannot be reported: PATCH result/1: 400" in run["log"]


async def test_a_token_that_is_refused_fails_the_run_with_the_reason(
    node: Node, researcher: Person, server: Server
) -> None:
    have(server, kind="status", path="/token/container", status=400, times=1)
    run = await researcher.run("size", image="masters")
    assert run["status"] == "failed"
    assert "node > no token for the algorithm: POST token/container: 400" in run["log"]


async def test_where_nothing_is_taken_the_nodes_log_says_so_loudly(
    node: Node, researcher: Person, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    have(server, **REPORT, status=400)
    with caplog.at_level(logging.ERROR, "v6sim.node"):
        await researcher.send("size", 2, image="masters")
        await until(lambda: caplog.records)
    [record] = caplog.records
    assert "run 1 of node 8 stays open: the server takes no report of it" in record.message


async def test_a_run_that_was_deleted_meanwhile_is_no_problem(
    node: Node, researcher: Person, person: Who, news: News, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    path = tmp_path / "file"
    task = await researcher.send("wait_for_file", 2, image="masters", master=True, path=str(path))
    await news.of_run("active")
    with caplog.at_level(logging.WARNING, "v6sim.node"):
        await (await person("root")).ask("DELETE", f"/task/{task}")
        await until(lambda: not node.running)
    assert not caplog.records


async def test_a_result_that_only_the_server_finds_too_large_is_ended_by_it(
    make_server: Callable[..., Server], executor: Executor, http: aiohttp.ClientSession
) -> None:
    async with Serving(make_server(hold_seconds=5, max_result=10)) as serving:
        settings = NodeSettings(
            server=serving.api_url,
            api_key=SecretStr(API_KEYS[0]),
            databases=WORLD.collaborations[0].participants[0].databases,
        )
        node = Node(settings, executor, Places(), http)
        await node.start()
        try:
            async with asyncio.timeout(10):
                run = await _run_as_researcher(serving, "give_back", text="x" * 100)
            await until(lambda: not node.running)
        finally:
            await node.stop()
    assert run["status"] == "failed"
    assert run["log"].splitlines()[-1].startswith("server > result is ")
    assert run["log"].endswith("limit is 10 bytes (max_result)\n")


async def _run_as_researcher(serving: Serving, method: str, **kwargs: Any) -> dict[str, Any]:
    from tests.node.test_node import logged_in

    person = await logged_in(serving.server, "researcher", "Researcher-1")
    return await person.run(method, image="probe", **kwargs)


async def test_what_no_database_takes_of_a_log_costs_no_result(
    node: Node, researcher: Person
) -> None:
    assert node.online
    run = await researcher.run("print_zero", image="masters")
    assert run["status"] == "completed"
    assert "a zero: \ufffd\n" in run["log"]


# --- defects of our own ---


class Broken(Habits):
    """A node with a defect: it breaks at the report of what has completed."""

    async def deliver(self, assignment: Assignment, report: Report, send: Send) -> None:  # noqa: ARG002
        if report.get("status") == "completed":
            raise ZeroDivisionError("a defect")
        await send(report)


@pytest.fixture
async def broken(
    serving: Serving, executor: Executor, http: aiohttp.ClientSession
) -> AsyncIterator[Node]:
    settings = NodeSettings(
        server=serving.api_url,
        api_key=SecretStr(API_KEYS[0]),
        databases=WORLD.collaborations[0].participants[0].databases,
    )
    node = Node(settings, executor, Places(), http, habits=Broken())
    await node.start()
    yield node
    await node.stop()


@pytest.mark.usefixtures("broken")
async def test_a_defect_at_the_report_fails_the_run_with_the_reason(researcher: Person) -> None:
    run = await researcher.run("size", image="masters")
    assert run["status"] == "failed"
    assert run["log"].endswith("node > this run cannot be reported: a defect\n")


# --- inputs ---


async def test_an_input_that_is_too_large_for_the_node_fails_the_run(
    make_node: MakeNode, researcher: Person
) -> None:
    node = make_node(max_input="1 KiB")
    await node.start()
    run = await researcher.run("give_back", image="probe", text="x" * 5000)
    assert run["status"] == "failed"
    assert run["log"] == "node > input is 5.0 KiB; limit is 1.0 KiB (max_input)\n"
    fits = await researcher.run("give_back", image="probe", text="x" * 100)
    assert fits["status"] == "completed"


async def test_a_long_input_and_a_long_result_arrive_whole(node: Node, researcher: Person) -> None:
    text = "".join(map(str, range(600_000)))
    [[args, kwargs]] = await researcher.answers(
        await researcher.send("give_back", 2, image="probe", text=text)
    )
    assert (args, kwargs["text"] == text) == ([], True)


# --- looking for work, and hearing of it ---


@pytest.mark.parametrize("status", [400, 500])
async def test_a_node_that_is_shown_no_runs_looks_again(
    status: int, node: Node, researcher: Person, server: Server
) -> None:
    fault = have(server, kind="status", path="/result", method="GET", status=status, times=4)
    run = await researcher.run("size", image="masters")
    assert (run["status"], fault.struck) == ("completed", 4)
    assert node.failure is None


async def test_what_is_in_the_way_of_looking_for_work_is_known(
    node: Node, researcher: Person, server: Server
) -> None:
    have(server, kind="status", path="/result", method="GET", status=400)
    task = await researcher.send("size", 2, image="masters")
    await until(lambda: node.obstacle_of(1))
    assert node.obstacle_of(1).startswith("its node cannot look for work: GET result: 400")
    server.core.faults.clear()
    assert await researcher.answers(task) == [4]


async def test_a_token_that_cannot_be_renewed_just_now_is_later(
    node: Node, clock: Clock, person: Who, server: Server
) -> None:
    clock.shift(timedelta(hours=7))
    for path in ("/token/refresh", "/token/node"):
        have(server, kind="status", path=path, status=500, times=4)
    sio = server.sockets.sio
    for sid, _ in list(sio.manager.get_participants("/tasks", None)):
        await sio.disconnect(sid, namespace="/tasks")
    await until(lambda: node.online and not server.core.faults.numbered[1].times)
    researcher = await person("researcher")
    assert await researcher.answers(await researcher.send("size", 2, image="masters")) == [4]
    assert node.failure is None


async def test_a_node_that_gives_up_ends_what_runs_and_says_so(
    serving: Serving, executor: Executor, http: aiohttp.ClientSession, person: Who,
    researcher: Person, news: News,
) -> None:  # fmt: skip
    told: list[NodeError] = []
    settings = NodeSettings(
        server=serving.api_url,
        api_key=SecretStr(API_KEYS[0]),
        databases=WORLD.collaborations[0].participants[0].databases,
    )
    node = Node(settings, executor, Places(), http, on_failure=told.append)
    await node.start()
    task = await researcher.send("linger", 2, image="probe")
    await news.of_run("active")
    await (await person("root")).ask("DELETE", f"/node/{node.id}")
    [run] = await researcher.runs(task)
    assert run["status"] == "failed"
    sio = serving.server.sockets.sio
    for sid, _ in list(sio.manager.get_participants("/tasks", None)):
        await sio.disconnect(sid, namespace="/tasks")
    async with asyncio.timeout(10):
        with pytest.raises(NodeRefused, match="does not know this node's api key"):
            await node.wait_for_failure()
    assert [type(each) for each in told] == [NodeRefused]
    assert (node.running, node.online) == ((), False)
    await node.stop()
