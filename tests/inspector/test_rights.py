"""A visitor sees what the API would show them."""

import pytest

from tests.conftest import task_body
from v6sim.wire.payload import serialize, to_text


@pytest.fixture
async def apart(calling) -> dict[str, int]:
    """Another collaboration, of other organizations, with a task of its own."""
    root = await calling("root")
    organization = (await root("POST", "/organization", {"name": "clandestine hospital"}))["id"]
    made = {"name": "clandestine study", "organization_ids": [organization], "encrypted": 0}
    collaboration = (await root("POST", "/collaboration", made))["id"]
    node = {"collaboration_id": collaboration, "organization_id": organization}
    await root("POST", "/node", {**node, "name": "clandestine node"})
    body = task_body(organization, collaboration_id=collaboration, name="clandestine task")
    user = {
        "username": "insider", "firstname": "", "lastname": "", "password": "Insider-1",
        "email": "i@x.org", "organization_id": organization, "roles": [5],
    }  # fmt: skip
    await root("POST", "/user", user)
    insider = await calling()
    login = {"username": "insider", "password": "Insider-1"}
    tokens = await insider("POST", "/token/user", login)
    insider.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    task = await insider("POST", "/task", body)
    [run] = await insider("GET", f"/task/{task['id']}/result")
    return {"task": task["id"], "run": run["id"]}


@pytest.mark.parametrize("username", ["researcher", "viewer", "organization_admin"])
async def test_other_collaborations_are_not_seen(visiting, apart, username) -> None:
    visit = await visiting(username)
    for path in ("/", "/ui/tasks", "/ui/people", "/ui/what-if", "/ui/egress"):
        assert "clandestine" not in await visit.read(path), path
    for path in (f"/ui/tasks/{apart['task']}", f"/ui/runs/{apart['run']}"):
        response = await visit.get(path)
        assert response.status_code == 403
        assert "clandestine" not in response.text
    assert (await visit.get(f"/ui/egress?run={apart['run']}")).status_code in (200, 403)
    assert (await visit.get(f"/ui/runs/{apart['run']}/log")).status_code == 403


async def test_who_may_see_everything_does(visiting, apart) -> None:
    root = await visiting("root")
    assert "clandestine hospital" in await root.read("/")
    assert "clandestine task" in await root.read("/ui/tasks")
    assert "clandestine hospital" in await root.read(f"/ui/runs/{apart['run']}")


async def test_ones_own_collaboration_is_seen(visiting, calling) -> None:
    researcher = await calling("researcher")
    given = to_text(serialize({"method": "average", "kwargs": {"column_name": "age"}}))
    await researcher("POST", "/task", {**task_body(2, name="my task"), "organizations": [
        {"id": 2, "input": given}
    ]})  # fmt: skip
    for username in ("researcher", "viewer", "researcher2"):
        visit = await visiting(username)
        assert "my task" in await visit.read("/ui/tasks")
        assert "example_org3" in await visit.read("/")
        assert '"column_name": "age"' in await visit.read("/ui/runs/1")


async def test_without_rules_one_sees_nothing(visiting, calling) -> None:
    root, researcher = await calling("root"), await calling("researcher")
    await researcher("POST", "/task", task_body(2, name="my task"))
    user = {
        "username": "guest", "firstname": "", "lastname": "", "password": "Guest-1-guest",
        "email": "g@x.org", "organization_id": 2,
    }  # fmt: skip
    await root("POST", "/user", user)
    guest = await visiting()
    assert (await guest.log_in("guest", "Guest-1-guest")).status_code == 303
    seen = [await guest.read(path) for path in ("/", "/ui/tasks", "/ui/people")]
    assert all("my task" not in text and "example_org" not in text for text in seen)
    assert (await guest.get("/ui/tasks/1")).status_code == 403


async def test_who_may_see_tasks_but_no_results_sees_no_runs(visiting, calling, server) -> None:
    root, researcher = await calling("root"), await calling("researcher")
    await researcher("POST", "/task", task_body(2, name="my task"))
    rules = await root("GET", "/rule?per_page=100")
    [view] = [
        rule["id"]
        for rule in rules
        if (rule["name"], rule["scope"], rule["operation"]) == ("task", 1, "view")
        or (rule["name"], str(rule["scope"]).lower(), str(rule["operation"]).lower())
        == ("task", "organization", "view")
    ]
    user = {
        "username": "guest", "firstname": "", "lastname": "", "password": "Guest-1-guest",
        "email": "g@x.org", "organization_id": 2, "rules": [view],
    }  # fmt: skip
    await root("POST", "/user", user)
    guest = await visiting()
    await guest.log_in("guest", "Guest-1-guest")
    assert "my task" in await guest.read("/ui/tasks")
    page = await guest.get("/ui/tasks/1")
    assert page.status_code == 200
    assert "/ui/runs/" not in page.text
    assert "example_org" not in page.text
    assert (await guest.get("/ui/runs/1")).status_code == 403


async def test_decisions_are_ones_own(visiting, calling) -> None:
    researcher, viewer = await calling("researcher"), await calling("viewer")
    await viewer.ask("DELETE", "/role/1")
    await researcher.ask("DELETE", "/organization/1")
    await researcher.ask("DELETE", "/node/8")
    text = await (await visiting("researcher")).read("/ui/people?refused=1")
    assert "node.delete" in text
    assert "role.delete" not in text.partition("What each role may do")[0]
    everything = await (await visiting("root")).read("/ui/people?refused=1")
    assert "role.delete" in everything.partition("What each role may do")[0]


async def test_what_if_says_the_answer_and_why_and_changes_nothing(visiting, server) -> None:
    root = await visiting("root")
    before = server.core.store.snapshot()
    said = await root.post("/ui/what-if", username="viewer", method="DELETE", path="/user/4")
    assert said.status_code == 200
    for text in ("It would not be done", "user DELETE GLOBAL", "smallest role", "401"):
        assert text in said.text
    done = await root.post("/ui/what-if", username="root", method="DELETE", path="/user/4")
    assert "It would be done" in done.text
    assert server.core.store.snapshot() == before


async def test_what_others_may_is_not_for_everybody(visiting) -> None:
    viewer = await visiting("viewer")
    own = await viewer.post("/ui/what-if", username="viewer", method="GET", path="/task")
    assert "It would be done" in own.text
    others = await viewer.post("/ui/what-if", username="root", method="GET", path="/user")
    assert others.status_code == 403


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"path": "/_v6sim/reset", "method": "POST"}, "is not part of the API"),
        ({"path": "/task", "method": "BREW"}, "is none of GET"),
        ({"path": "/task", "method": "POST", "body": "{"}, "is not JSON"),
        ({"path": "/task", "method": "GET", "username": "nobody"}, "does not exist"),
    ],
)
async def test_a_question_that_makes_no_sense_is_explained(visiting, form, problem) -> None:
    root = await visiting("root")
    said = await root.post("/ui/what-if", **{"username": "root", **form})
    assert said.status_code == 400
    assert problem in said.text


async def test_the_journal_is_searched(visiting, calling) -> None:
    researcher = await calling("researcher")
    await researcher("POST", "/task", task_body(2, name="needle"))
    await researcher.ask("GET", "/task/99")
    root = await visiting("root")
    found = await root.read("/ui/journal?q=needle")
    assert "1 request of" in found
    assert "POST /task" in found
    assert "/task/99" in await root.read("/ui/journal?status=4xx")
    assert "No request is like that" in await root.read("/ui/journal?by=container")
    assert "Researcher-1" not in (await root.get("/ui/journal")).text


async def test_mails_are_shown_to_few(visiting, calling) -> None:
    root = await calling("root")
    await root("POST", "/recover/lost", {"username": "viewer"})
    text = await (await visiting("root")).read("/ui/outbox")
    assert "to viewer@" in text
