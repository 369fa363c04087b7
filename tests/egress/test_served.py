"""The ledger of a running federation: for tests, and for other programs on the machine."""

from typing import Any

import httpx
import pytest

from v6sim import Sandbox
from v6sim.client import Client
from v6sim.control_client import ControlClient, ControlRefused
from v6sim.wire.payload import serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
MASTER = {"method": "master", "master": True, "kwargs": {"column_name": "age"}}
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}


def run(box: Sandbox, given: dict[str, Any], *where: int) -> int:
    with box.own_client("researcher") as client:
        ticket = client.submit(1, where, IMAGE, serialize(given))
        assert client.wait(ticket).is_good
        return ticket.task_id


def ask(box: Sandbox, **query: Any) -> Any:
    """What another program of the user is told: it finds the secret by itself."""
    with ControlClient(box.url) as control:
        return control.ask("GET", "/egress", query=query)


def test_a_test_sees_what_left_and_to_whom(sandbox: Sandbox) -> None:
    run(sandbox, MASTER, 3)
    results = [each for each in sandbox.egress if each.entry.kind == "result"]
    *partial, master = results
    assert {each.organization for each in partial} == {
        "example_org1", "example_org2", "example_org3",
    }  # fmt: skip
    assert master.organization == "example_org2"
    assert master.reading.value == {"average": 53.25}
    assert {(*each.receivers,) for each in partial} == {("example_org2",)}
    assert master.receivers == ["example_org1"]
    assert master.findings == []
    assert {finding.rule for each in partial for finding in each.findings} == {"small-count"}
    inputs = [each for each in sandbox.egress if each.entry.kind == "subtask input"]
    assert [each.receivers for each in inputs] == [
        ["example_org1"], ["example_org2"], ["example_org3"],
    ]  # fmt: skip
    assert inputs[0].reading.value == PARTIAL
    requests = [each.reading.text for each in sandbox.egress if each.entry.kind == "request"]
    assert "GET /collaboration/1/organization" in requests
    assert any(request.startswith("POST /task\n") for request in requests)


def test_other_programs_get_the_same_for_one_task_or_all(sandbox: Sandbox) -> None:
    master, partial = run(sandbox, MASTER, 2), run(sandbox, PARTIAL, 3)
    everything = ask(sandbox)
    assert [row["number"] for row in everything] == list(range(1, len(sandbox.egress) + 1))
    assert {row["task"] for row in ask(sandbox, task=master)} == {master, master + 1}
    [result] = [row for row in ask(sandbox, task=partial, full=1) if row["what"] == "result"]
    assert result["organization"] == "example_org2"
    assert result["to"] == ["example_org1"]
    assert result["value"] == {"sum": 173, "count": 4}
    assert result["format"] == "pickle"
    assert [each["rule"] for each in result["findings"]] == ["small-count"]
    assert "value" not in everything[0]


def test_the_minimum_of_counts_is_asked_for(sandbox: Sandbox) -> None:
    task = run(sandbox, PARTIAL, 2)
    assert not any(row["findings"] for row in ask(sandbox, task=task, min_count=4))


def test_a_reset_forgets_what_left(sandbox: Sandbox) -> None:
    run(sandbox, PARTIAL, 2)
    sandbox.reset()
    assert sandbox.egress == []
    assert ask(sandbox) == []


@pytest.mark.parametrize("query", [{"task": "x"}, {"min_count": "-1"}])
def test_nonsense_is_refused(sandbox: Sandbox, query: dict[str, str]) -> None:
    with pytest.raises(ControlRefused, match="a number is expected") as caught:
        ask(sandbox, **query)
    assert caught.value.status == 400


def test_only_who_has_the_secret_may_look(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.url}/_v6sim/egress", trust_env=False).status_code == 401


def test_a_server_without_nodes_says_who_keeps_the_ledger() -> None:
    with Sandbox("manual", with_nodes=False) as box:
        with pytest.raises(ControlRefused, match="v6sim node --egress FILE") as caught:
            ask(box)
        assert caught.value.status == 400


def test_an_organization_that_came_later_has_its_name(sandbox: Sandbox) -> None:
    with Client(sandbox.api_url, "root", "root") as root:
        root._request("POST", "/organization", json={"name": "newcomer"})
    assert run(sandbox, PARTIAL, 2)
    assert "newcomer" in sandbox._thread.call(sandbox._federation.names()).values()
