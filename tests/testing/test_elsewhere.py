"""Driving a v6sim that runs in another process."""

from urllib.parse import urlsplit

import pytest

from tests.commands import running
from v6sim import World
from v6sim.control_client import CannotReach
from v6sim.sandbox import Impossible, RunningSandbox, UnknownName, WrongArgument
from v6sim.testing import assert_called

AVERAGE = "harbor2.vantage6.ai/demo/average"
AGE = {"column_name": "age"}


@pytest.fixture(scope="module")
def address():
    with running("up", "--port", "0", "--executor", "inline") as (_, address):
        yield f"http://{urlsplit(address).netloc}"


@pytest.fixture
def box(address):
    box = RunningSandbox(address)
    box.reset()
    return box


def test_what_can_be_done_from_outside_is_done(box) -> None:
    outcome = box.run(AVERAGE, "master", kwargs=AGE)
    assert outcome.result == {"average": 53.25}
    assert [each.organization for each in outcome.timings][:1] == ["example_org1"]
    assert_called(box, "/task", method="POST", by="container", times=1)
    box.snapshot("one job")
    box.reset()
    box.restore("one job")
    with box.http(box.user_with_rules("task VIEW GLOBAL")) as http:
        assert len(http.get("/task").json()) == 2
    box.faults.add("status", "/organization", status=503, times=1)
    with box.http("viewer") as http:
        assert http.get("/organization").status_code == 503
        box.faults.clear()
        before = box.clock.now()
        box.clock.advance(hours=7)
        assert (box.clock.now() - before).total_seconds() >= 7 * 3600
        assert http.get("/task").status_code == 401
    assert not box.may("viewer", "DELETE", "/task/1")
    with box.as_node("example_org2") as node:
        assert node.get("/node").status_code == 200


def test_a_container_is_what_the_server_lets_in(box, tmp_path) -> None:
    done = box.run(AVERAGE, "average_partial", kwargs=AGE)
    with pytest.raises(Exception, match=r"no token .* task 1: .*complete"):
        box.as_container(done)


def test_what_cannot_be_done_from_outside_is_told(box, address, tmp_path) -> None:
    (tmp_path / "rows.py").write_text("def RPC_count(data):\n    return len(data)\n")
    for order, expected in {
        lambda: box.egress: f"ask it with `v6sim egress --server {address}`",
        lambda: box.nodes: 'look at sandbox.http("root").get("/node") instead',
        lambda: box.run(tmp_path / "rows.py", "count"): "name the package there",
        lambda: box.faults.remove(None): "add and clear are not",
    }.items():
        with pytest.raises(NotImplementedError) as caught:
            order()
        assert "impossible" in str(caught.value)
        assert expected in str(caught.value)
    assert issubclass(Impossible, NotImplementedError)
    with pytest.raises(UnknownName, match="did you mean 'harbor2"):
        box.run(f"{AVERAGE}s", "master")
    with pytest.raises(UnknownName, match="there is no snapshot 'then'"):
        box.restore("then")


def test_what_is_no_v6sim_of_that_world_is_told(address) -> None:
    other = World.of({"organizations": [{"name": "somebody else's"}]})
    with pytest.raises(CannotReach, match=r"it has no organization \"somebody else's\""):
        RunningSandbox(address, other)
    with pytest.raises(CannotReach, match=r"no v6sim answers at http://127\.0\.0\.1:1"):
        RunningSandbox("http://127.0.0.1:1")
    with pytest.raises(WrongArgument, match="'localhost:5000' is no address of a v6sim"):
        RunningSandbox("localhost:5000")
