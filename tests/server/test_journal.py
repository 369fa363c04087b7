"""The journal of requests, and faults on call."""

import httpx
import pytest

from v6sim.server.faults import Fault
from v6sim.server.serving import Serving


async def test_requests_are_found_by_who_asked_what(server, calling) -> None:
    researcher, viewer = await calling("researcher"), await calling("viewer")
    await researcher("GET", "/task?page=1")
    await viewer.ask("DELETE", "/role/1")
    journal = server.core.journal
    [listed] = journal.requests(path="/task")
    assert str(listed) == "GET /task?page=1 by user 'researcher': 200"
    assert listed.seconds > 0
    assert [each.caller for each in journal.requests(by="user")] == ["researcher", "viewer"]
    assert [each.path for each in journal.requests(status=401)] == ["/role/1"]
    assert [each.path for each in journal.requests(path="/role/*", by="viewer")] == ["/role/1"]
    assert [each.id for each in journal.requests()] == [1, 2, 3, 4]


async def test_bodies_are_kept_but_no_passwords(server, calling) -> None:
    root = await calling("root")
    await root("POST", "/organization", {"name": "new"})
    [created] = server.core.journal.requests(path="/organization")
    assert b'"new"' in created.body
    assert all(not each.body for each in server.core.journal.requests(path="/token/user"))


async def test_faults_hit_what_they_are_for_and_as_often(server, calling) -> None:
    root = await calling("root")
    server.core.faults.add(Fault("status", "GET", "/task/*", status=429, times=2))
    statuses = [(await root.ask("GET", path)).status_code for path in ("/task/1", "/task")]
    assert statuses == [429, 200]
    assert [(await root.ask("GET", "/task/1")).status_code for _ in range(2)] == [429, 404]


async def test_chance_is_the_same_each_time(server, calling) -> None:
    root = await calling("root")
    drawn = []
    for _ in range(2):
        server.core.faults.clear(seed=7)
        server.core.faults.add(Fault("status", path="/rule", probability=0.5))
        drawn.append([(await root.ask("GET", "/rule")).status_code for _ in range(20)])
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {200, 500}


async def test_the_first_ones_can_be_spared(server, calling) -> None:
    root = await calling("root")
    fault = server.core.faults.add(Fault("status", path="/rule", after=2, times=1))
    statuses = [(await root.ask("GET", "/rule")).status_code for _ in range(4)]
    assert statuses == [200, 200, 500, 200]
    assert fault.struck == 1


async def test_an_answer_can_break_off(server) -> None:
    async with Serving(server) as serving, httpx.AsyncClient(base_url=serving.api_url) as http:
        server.core.faults.add(Fault("cut", path="/version", times=1))
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/version")
        assert (await http.get("/version")).status_code == 200


async def test_an_answer_can_be_late(server, calling) -> None:
    root = await calling("root")
    server.core.faults.add(Fault("slow", path="/rule", seconds=0.05))
    assert (await root.ask("GET", "/rule")).status_code == 200
    [seen] = server.core.journal.requests(path="/rule")
    assert seen.seconds >= 0.05


@pytest.mark.parametrize(("kind", "made"), [("cut", 0), ("lost", 1)])
async def test_what_was_asked_is_done_or_not_where_the_answer_breaks_off(
    server, calling, kind, made
) -> None:
    async with Serving(server) as serving, httpx.AsyncClient(base_url=serving.api_url) as http:
        http.headers.update((await calling("root")).http.headers)
        before = len((await http.get("/organization")).json())
        server.core.faults.add(Fault(kind, "POST", "/organization", times=1))
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post("/organization", json={"name": "new"})
        assert len((await http.get("/organization")).json()) == before + made


async def test_a_token_expires_for_some_requests(server, calling) -> None:
    viewer, nobody = await calling("viewer"), await calling()
    server.core.faults.add(Fault("expired", path="/task", times=2))
    refused = await viewer.ask("GET", "/task")
    assert refused.status_code == 401
    assert "the token has expired" in refused.json()["msg"]
    assert (await nobody.ask("GET", "/task")).status_code == 401
    assert (await viewer.ask("GET", "/task")).status_code == 200
    assert server.core.tokens.expired("no token") == "no token"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": "broken"}, "kind: input should be 'status', 'slow'"),
        ({}, "kind: field required"),
        ({"kind": "slow", "second": 1}, "a fault 'slow' has no 'second'; it has after, kind,"),
        ({"kind": "status", "status": 42}, "status: input should be greater than or equal to 200"),
        ({"kind": "cut", "probability": "often"}, "probability: input should be a valid number"),
        ({"kind": "crashes", "organization": "example_org1"}, "no nodes run beside this server"),
    ],
)  # fmt: skip
async def test_a_wrong_fault_is_told(calling, given, expected) -> None:
    nobody = await calling()
    answer = await nobody.ask_control("POST", "/faults", given)
    assert answer.status_code == 400
    assert expected in answer.json()["msg"]


async def test_faults_and_journal_are_there_for_other_programs(server) -> None:
    async with Serving(server) as serving, httpx.AsyncClient(base_url=serving.url) as http:
        fault = {"kind": "status", "path": "/version", "status": 503}
        secret = {"Authorization": f"Bearer {server.secret}"}
        added = await http.post("/_v6sim/faults", json=fault, headers=secret)
        assert added.status_code == 201
        assert (await http.get("/api/version")).status_code == 503
        [seen] = (await http.get("/_v6sim/journal?status=503", headers=secret)).json()
        assert (seen["path"], seen["caller"]) == ("/version", "")
        assert (await http.delete("/_v6sim/faults", headers=secret)).status_code == 204
        assert (await http.get("/api/version")).status_code == 200
