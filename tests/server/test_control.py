"""What lies under /_v6sim/ is for this machine alone."""

from pathlib import Path

import httpx
import pytest

from tests.conftest import task_body
from v6sim.server.control import guard
from v6sim.server.control.guard import gateways

RESET = "http://localhost/_v6sim/reset"


async def test_a_reset_puts_everything_back(calling, server) -> None:
    before = server.core.store.snapshot()
    root, researcher = await calling("root"), await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    await root("POST", "/organization", {"name": "new"})
    await root("POST", "/recover/lost", {"username": "viewer"})
    assert (await root.ask("POST", RESET)).status_code == 204
    assert server.core.store.snapshot() == before
    assert not server.core.outbox.mails
    task = await researcher("POST", "/task", task_body(2))
    assert task["id"] == 1


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://evil.example/_v6sim/reset", {}),
        (RESET, {"Origin": "http://evil.example"}),
        (RESET, {"Origin": "null"}),
        (RESET, {"X-Forwarded-For": "192.0.2.7"}),
    ],
    ids=["a rebound name", "a page of somebody else's", "a page from nowhere", "passed on"],
)
async def test_a_web_page_cannot_reset_a_server(calling, url, headers) -> None:
    researcher = await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    assert (await researcher.ask("POST", url, headers=headers)).status_code == 401
    assert len(await researcher("GET", "/task")) == 1


async def test_the_setting_control_turns_it_off(calling, make_server) -> None:
    nobody = await calling(to=make_server(control=False))
    assert (await nobody.ask("POST", RESET)).status_code == 401


CONTROL = RESET.removesuffix("/reset")


async def test_the_clock_is_moved_from_outside(calling) -> None:
    viewer = await calling("viewer")
    moved = await viewer("POST", f"{CONTROL}/clock", {"seconds": 7 * 3600})
    assert (await viewer("GET", f"{CONTROL}/clock"))["now"] >= moved["now"]
    assert (await viewer.ask("GET", "/task")).status_code == 401
    for wrong in ("7", True, -1, 1e12, None):
        answer = await viewer.ask("POST", f"{CONTROL}/clock", {"seconds": wrong})
        assert answer.status_code == 400
        assert "'seconds' has to be" in answer.json()["msg"]


async def test_data_are_kept_by_name_and_brought_back(calling) -> None:
    researcher = await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    assert (await researcher.ask("PUT", f"{CONTROL}/snapshots/one task")).status_code == 204
    await researcher("POST", "/task", task_body(2))
    await researcher.ask("POST", RESET)
    assert await researcher("GET", f"{CONTROL}/snapshots") == ["one task"]
    assert (await researcher.ask("POST", f"{CONTROL}/snapshots/one task")).status_code == 204
    assert [task["id"] for task in await researcher("GET", "/task")] == [1]
    unknown = await researcher.ask("POST", f"{CONTROL}/snapshots/two tasks")
    assert unknown.status_code == 404
    assert "snapshot" in unknown.json()["msg"]


ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""


def test_the_gateway_is_where_all_else_is_sent(tmp_path: Path) -> None:
    (tmp_path / "route").write_text(ROUTES)
    assert gateways(tmp_path / "route") == {"172.18.0.1"}


@pytest.mark.parametrize(
    ("setting", "client", "status"),
    [
        (True, "172.18.0.1", 204),
        (True, "172.18.0.2", 401),
        (False, "172.18.0.1", 401),
    ],
)
async def test_a_server_in_a_container_counts_its_gateway_as_the_machine(
    make_server, monkeypatch, setting: bool, client: str, status: int
) -> None:
    monkeypatch.setattr(guard, "gateways", lambda: {"172.18.0.1"})
    server = make_server(control_from_gateway=setting)
    transport = httpx.ASGITransport(server.app, client=(client, 9))
    async with httpx.AsyncClient(transport=transport) as http:
        assert (await http.post(RESET)).status_code == status
