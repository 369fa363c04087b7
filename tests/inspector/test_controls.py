"""What is turned on the page of controls."""

import pytest

from tests.conftest import task_body
from tests.inspector.conftest import OPERATOR


async def test_a_fault_is_turned_on_and_off(visiting, calling) -> None:
    operator, caller = await visiting(OPERATOR), await calling("root")
    form = {"kind": "status", "path": "/task/*", "status": "503", "times": "2"}
    response = await operator.post("/ui/controls/faults", **form)
    assert response.headers["location"] == "/_v6sim/ui/controls?done=fault"
    assert (await caller.ask("GET", "/task/1")).status_code == 503
    assert "answers 503" in await operator.read("/ui/controls")
    assert "1 more time" in await operator.read("/ui/controls")
    await operator.post("/ui/controls/faults/remove", fault="1")
    assert (await caller.ask("GET", "/task/1")).status_code == 404


async def test_the_right_fault_is_turned_off(visiting, server) -> None:
    operator = await visiting(OPERATOR)
    for path in ("/a", "/b", "/c"):
        await operator.post("/ui/controls/faults", kind="status", path=path)
    await operator.post("/ui/controls/faults/remove", fault="2")
    assert [fault.path for fault in server.core.faults.numbered.values()] == ["/a", "/c"]
    assert (await operator.post("/ui/controls/faults/remove", fault="2")).status_code == 404
    await operator.post("/ui/controls/faults/clear")
    assert server.core.faults.numbered == {}


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "explode"},
        {"kind": "slow", "seconds": "1e9"},
        {"kind": "slow", "seconds": "nan"},
        {"kind": "status", "status": "7"},
        {"kind": "status", "times": "-1"},
        {"kind": "status", "probability": "many"},
    ],
)
async def test_a_fault_that_cannot_be_is_explained(visiting, server, form) -> None:
    operator = await visiting(OPERATOR)
    response = await operator.post("/ui/controls/faults", **form)
    assert response.status_code == 400
    assert server.core.faults.numbered == {}


async def test_data_go_back_to_a_snapshot(visiting, calling, server) -> None:
    operator, researcher = await visiting(OPERATOR), await calling("researcher")
    await researcher("POST", "/task", task_body(2, name="first"))
    await operator.post("/ui/controls/snapshots", name="one task")
    await researcher("POST", "/task", task_body(2, name="second"))
    response = await operator.post("/ui/controls/snapshots/restore", name="one task")
    assert response.status_code == 303
    assert [task["name"] for task in await researcher("GET", "/task")] == ["first"]
    assert (await operator.post("/ui/controls/snapshots/restore", name="none")).status_code == 404
    assert (await operator.post("/ui/controls/snapshots", name=" ")).status_code == 400


async def test_a_reset_puts_everything_back(visiting, calling, server) -> None:
    operator, researcher = await visiting(OPERATOR), await calling("researcher")
    begin = server.core.store.snapshot()
    await researcher("POST", "/task", task_body(2))
    await operator.post("/ui/controls/clock", by="2", unit="hours")
    assert (await operator.post("/ui/controls/reset")).status_code == 303
    assert server.core.store.snapshot() == begin
    assert not server.core.clock.shifted


async def test_the_clock_is_moved_and_put_right(visiting, server) -> None:
    operator = await visiting(OPERATOR)
    await operator.post("/ui/controls/clock", by="90", unit="minutes")
    assert server.core.clock.shifted.total_seconds() == pytest.approx(5400, abs=60)
    assert (await operator.post("/ui/controls/clock", by="1e6", unit="days")).status_code == 400
    assert (await operator.post("/ui/controls/clock", by="-1", unit="days")).status_code == 400
    await operator.post("/ui/controls/clock/reset")
    assert not server.core.clock.shifted
