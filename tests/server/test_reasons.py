"""Every refusal says why, to those who ask."""

import json

import pytest

from tests.conftest import PASSWORDS, task_body


async def reason(caller, method, path, body=None, **options):
    """The answer to a request, and the decision that its header leads to."""
    response = await caller.ask(method, path, body, **options)
    link = response.headers["x-v6sim-decision"]
    return response.status_code, await caller("GET", f"http://localhost{link}")


async def test_a_refusal_leads_to_its_reasons(calling) -> None:
    viewer = await calling("viewer")
    status, why = await reason(viewer, "POST", "/task", task_body(2))
    assert status == 401
    assert not why["allowed"]
    assert why["request"] == "POST /api/task"
    assert why["caller"]["name"] == "viewer"
    assert why["action"] == "task.create"
    assert [way["rule"] for way in why["ways"]] == [
        "task CREATE GLOBAL",
        "task CREATE ORGANIZATION",
    ]
    assert not any(way["held"] for way in why["ways"])
    assert why["smallest_role"] == "Researcher"


async def test_what_was_allowed_says_by_which_rule_and_whose_role(calling) -> None:
    researcher = await calling("researcher")
    status, why = await reason(researcher, "POST", "/task", task_body(2))
    assert status == 201
    assert why["by"]["rule"] == "task CREATE ORGANIZATION"
    assert why["ways"][1]["own_roles"] == ["Researcher"]


async def test_an_obstacle_beyond_all_rules_is_named(calling) -> None:
    root = await calling("root")
    status, why = await reason(root, "PATCH", "/user/1", {"roles": [4]})
    assert status == 401
    assert why["obstacle"] == "nobody changes their own roles and rules: somebody else has to"
    assert why["smallest_role"] is None


async def test_who_hands_out_what_they_lack_learns_which_rule_it_is(calling) -> None:
    admin = await calling("organization_admin")
    body = {"name": "x", "description": "y", "rules": [1]}
    status, why = await reason(admin, "POST", "/role", body)
    assert status == 401
    assert why["action"] == "rule.hand out"
    assert [way["rule"] for way in why["ways"]] == ["node VIEW GLOBAL"]


async def test_the_decisions_of_late_are_listed(calling) -> None:
    viewer = await calling("viewer")
    await viewer.ask("GET", "/task")
    await viewer.ask("DELETE", "/organization/2")  # no such route: nothing is decided
    await viewer.ask("POST", "/task", task_body(2))
    everything = await viewer.control("GET", "/decisions")
    assert [row["action"] for row in everything] == ["task.create", "task.view"]
    refused = await viewer.control("GET", "/decisions?refused=1")
    assert [row["action"] for row in refused] == ["task.create"]


async def test_what_would_happen_happens_not(calling, server) -> None:
    nobody = await calling()
    before = server.core.store.snapshot()
    heard: list[object] = []
    server.core.events.subscribe(heard.append)
    wanted = {"username": "researcher", "method": "POST", "path": "/task", "body": task_body(2)}
    told = await nobody.control("POST", "/explain", wanted)
    assert told["status"] == 201
    assert told["body"]["status"] == "pending"
    assert told["decisions"][-1]["allowed"]
    assert server.core.store.snapshot() == before
    assert not heard


@pytest.mark.parametrize(
    ("username", "method", "path", "status", "smallest"),
    [
        ("viewer", "DELETE", "/user/3", 401, "Organization Admin"),
        ("researcher", "POST", "/organization", 401, "Root"),
        ("organization_admin", "DELETE", "/user/5", 200, "Organization Admin"),
        ("viewer", "GET", "/api/role", 200, "Viewer"),
    ],
)
async def test_the_smallest_role_that_would_do_is_named(
    calling, username, method, path, status, smallest
) -> None:
    nobody = await calling()
    wanted = {"username": username, "method": method, "path": path, "body": {"name": "x"}}
    told = await nobody.control("POST", "/explain", wanted)
    assert (told["status"], told["decisions"][-1]["smallest_role"]) == (status, smallest)


@pytest.mark.parametrize(
    "path",
    ["/token/user", "/api/token/user", "/token/node", "/token/refresh", "/recover/lost",
     "/recover/reset", "/recover/2fa/lost", "/recover/2fa/reset"],
)  # fmt: skip
async def test_credentials_are_not_tried_out(calling, path) -> None:
    nobody = await calling()
    body = {"username": "researcher", "password": PASSWORDS["researcher"]}
    wanted = {"username": "viewer", "method": "POST", "path": path, "body": body}
    answer = await nobody.ask_control("POST", "/explain", wanted)
    assert answer.status_code == 400
    assert "is not tried out" in answer.json()["msg"]


@pytest.mark.parametrize("method", ["\ud800", "G ET", "", "GET/"])
async def test_what_is_no_method_is_not_tried_out(calling, method) -> None:
    nobody = await calling()
    text = json.dumps({"username": "viewer", "method": method, "path": "/task"})
    answer = await nobody.ask_control("POST", "/explain", content=text)
    assert answer.status_code == 400


async def test_a_rehearsal_by_nobody_is_refused(calling) -> None:
    nobody = await calling()
    wanted = {"username": "ghost", "method": "GET", "path": "/task"}
    assert (await nobody.ask_control("POST", "/explain", wanted)).status_code == 404
    assert (await nobody.ask_control("POST", "/explain", {})).status_code == 400


async def test_mails_are_shown(calling) -> None:
    nobody = await calling()
    await nobody("POST", "/recover/lost", {"username": "viewer"})
    [mail] = await nobody.control("GET", "/outbox")
    assert mail["to"] == "viewer@org1.example"
    assert "It is good for 60 minutes" in mail["text"]
