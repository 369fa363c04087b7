"""What lies under /_v6sim/ is for who shows that they may use it."""

import re

import httpx
import pytest
from fastapi.routing import APIRoute

from tests.conftest import task_body
from v6sim.server.app import _CONTROL, Server
from v6sim.server.control.front import ROOT

OWN = {"GET /_v6sim/decisions", "GET /_v6sim/decisions/1", "GET /_v6sim/tasks/1/waiting"}
OF_NODES = {"POST /_v6sim/runs/1/log", "POST /_v6sim/runs/1/environment"}
FOR_ANYBODY = {"GET /_v6sim/health"}


def routes() -> list[str]:
    """Each method and path for programs, with 1 for every part that varies."""
    return [
        f"{method} {ROOT}{re.sub(r'{[^}]*}', '1', route.path)}"
        for parts in _CONTROL.values()
        for part in parts
        for route in part.router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


async def statuses(server: Server, **headers: str) -> dict[str, int]:
    """How each path for programs answers requests with some headers."""
    transport = httpx.ASGITransport(server.app, client=("127.0.0.1", 9))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=headers
    ) as http:
        found = {}
        for route in routes():
            method, _, path = route.partition(" ")
            found[route] = (await http.request(method, path, json={})).status_code
        return found


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer ", "Bearer wrong", "Basic {secret}", "bearer{secret}", "Bearer {secret}x"],
)
async def test_without_the_secret_nothing_is_answered(server, authorization) -> None:
    shown = authorization.format(secret=server.secret)
    found = await statuses(server, **({"Authorization": shown} if shown else {}))
    assert {route for route, status in found.items() if status != 401} == FOR_ANYBODY


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "172.17.0.1", "192.0.2.7"])
async def test_it_is_no_matter_which_machine_a_request_comes_from(server, client) -> None:
    transport = httpx.ASGITransport(server.app, client=(client, 9))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        assert (await http.get("/_v6sim/outbox")).status_code == 401
        secret = {"Authorization": f"Bearer {server.secret}"}
        assert (await http.get("/_v6sim/outbox", headers=secret)).status_code == 200


@pytest.mark.parametrize(
    ("who", "answered"),
    [
        ({"username": "root"}, OWN),
        ({"username": "researcher"}, OWN),
        ({"node": 1}, OWN | OF_NODES),
    ],
)
async def test_tokens_of_the_api_are_good_for_what_is_their_own(
    calling, server, who, answered
) -> None:
    caller = await calling(**who)
    found = await statuses(server, Authorization=caller.http.headers["Authorization"])
    assert {route for route, status in found.items() if status != 401} == answered | FOR_ANYBODY


async def test_the_secret_is_no_token_of_the_api(calling, server) -> None:
    nobody = await calling()
    secret = {"Authorization": f"Bearer {server.secret}"}
    assert (await nobody.ask("GET", "/user", headers=secret)).status_code >= 401


async def test_decisions_are_told_to_whom_they_are_about(calling) -> None:
    researcher, viewer, node = (
        await calling("researcher"), await calling("viewer"), await calling(node=1)
    )  # fmt: skip
    refused = await viewer.ask("POST", "/task", task_body(2))
    link = f"http://localhost{refused.headers['x-v6sim-decision']}"
    assert (await viewer("GET", link))["caller"]["name"] == "viewer"
    for other in (researcher, node):
        assert (await other.ask("GET", link)).status_code == 404
        listed = await other("GET", "http://localhost/_v6sim/decisions")
        assert "task.create" not in [row["action"] for row in listed]


async def test_who_only_waits_for_a_server_needs_no_secret(calling) -> None:
    nobody = await calling()
    assert await nobody("GET", "http://localhost/_v6sim/health") == {"status": "ok"}


async def test_the_setting_control_turns_it_off(calling, make_server) -> None:
    server = make_server(control=False)
    found = await statuses(server, Authorization=f"Bearer {server.secret}")
    assert {route for route, status in found.items() if status != 401} == FOR_ANYBODY


def test_each_start_has_a_secret_of_its_own_unless_one_is_given(make_server) -> None:
    one, other = make_server().secret, make_server().secret
    assert one != other
    assert len(one) >= 32
    assert make_server(control_token="sixteen-letters!").secret == "sixteen-letters!"


async def test_a_reset_puts_everything_back(calling, server) -> None:
    before = server.core.store.snapshot()
    root, researcher = await calling("root"), await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    await root("POST", "/organization", {"name": "new"})
    await root("POST", "/recover/lost", {"username": "viewer"})
    assert (await root.ask_control("POST", "/reset")).status_code == 204
    assert server.core.store.snapshot() == before
    assert not server.core.outbox.mails
    task = await researcher("POST", "/task", task_body(2))
    assert task["id"] == 1


async def test_the_clock_is_moved_from_outside(calling) -> None:
    viewer = await calling("viewer")
    moved = await viewer.control("POST", "/clock", {"seconds": 7 * 3600})
    assert (await viewer.control("GET", "/clock"))["now"] >= moved["now"]
    assert (await viewer.ask("GET", "/task")).status_code == 401
    for wrong in ("7", True, -1, 1e12, None):
        answer = await viewer.ask_control("POST", "/clock", {"seconds": wrong})
        assert answer.status_code == 400
        assert "'seconds' has to be" in answer.json()["msg"]


@pytest.mark.parametrize("name", ["one%20task", "a%2Fb", "clock"])
async def test_data_are_kept_by_name_and_brought_back(calling, name) -> None:
    researcher = await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    await researcher.control("PUT", f"/snapshots/{name}")
    await researcher("POST", "/task", task_body(2))
    await researcher.control("POST", "/reset")
    assert await researcher.control("GET", "/snapshots") == [httpx.URL(f"/{name}").path[1:]]
    await researcher.control("POST", f"/snapshots/{name}")
    assert [task["id"] for task in await researcher("GET", "/task")] == [1]
    unknown = await researcher.ask_control("POST", "/snapshots/two tasks")
    assert unknown.status_code == 404
    assert "snapshot" in unknown.json()["msg"]
