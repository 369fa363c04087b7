"""Tasks in the UI: made, heard of while they run, looked at, repeated, killed and deleted."""

import base64
import json
import uuid
from typing import Any

import pytest

from tests.commands import running
from tests.ui.browser import Shown
from tests.ui.forms import ARGUMENTS, MASTER, PARTIAL, finished, shown_result, task_form
from tests.ui.live import listening
from tests.ui.shown import show, show_all

PARTS = [{"sum": 253, "count": 4}, {"sum": 173, "count": 4}]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (task_form({**PARTIAL, **ARGUMENTS}, 2, 3), PARTS),
        (task_form({**MASTER, **ARGUMENTS}, 2), [{"average": 53.25}]),
    ],
    ids=["partial", "master"],
)  # fmt: skip
async def test_a_task_is_made_and_followed_to_its_results(up, opened, form, expected) -> None:
    browser = await opened(up, "collaboration_admin")
    async with listening(browser) as live:
        made = show("task", await browser.post("task", form, 201))
        heard = await live.hears("task_created", task_id=made["id"])
        assert heard == {
            "task_id": made["id"], "run_id": made["run_id"], "collaboration_id": 1,
            "init_org_id": made["initiator"],
        }  # fmt: skip
        rows = await finished(browser, live, made["id"])
        assert [shown_result(row) for row in rows] == expected
        seen = show("task", await browser.get(f"task/{made['id']}"))
        assert (seen["complete"], seen["status"]) == (True, "completed")
        again = json.loads(base64.b64decode(rows[0]["input"]).decode().removeprefix("json."))
        assert again == form["input"]  # what "repeat task" fills its form with
    listed = show_all("task", await browser.get("task", collaboration_id=1))
    assert made["id"] in [row["id"] for row in listed]
    await browser.delete(f"task/{made['id']}")
    with pytest.raises(Shown):
        await browser.get(f"task/{made['id']}")


async def test_the_socket_begins_by_polling_and_goes_on_by_websocket(up, opened) -> None:
    browser = await opened(up, "collaboration_admin")
    async with listening(browser) as live:
        assert live.client.transport() == "websocket"
        await live.hears("message")
        assert ("message", "User <collaboration_admin> joined room <collaboration_1>") in live.heard


async def test_a_page_may_poll_the_socket_from_another_origin(up, opened) -> None:
    browser = await opened(up, "viewer")
    url = f"{browser.server_url}/socket.io/?EIO=4&transport=polling"
    asked = await browser.preflight("GET", url, has_body=False)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-headers"] == "authorization"
    assert asked.headers["access-control-allow-credentials"] == "true"
    assert asked.headers["access-control-allow-methods"] == "OPTIONS, GET, POST"
    opening = await browser.poll(url)
    packet = json.loads(opening.removeprefix("0"))
    assert packet["upgrades"] == ["websocket"]
    assert (packet["pingInterval"], packet["pingTimeout"]) == (25000, 60000)


@pytest.fixture
async def study(up, opened) -> dict[str, Any]:
    """A collaboration with a node that is not there yet."""
    admin = await opened(up, "root")
    body = {"name": f"study {uuid.uuid4()}", "encrypted": False, "organization_ids": [2, 3]}
    made = await admin.post("collaboration", body)
    order = {"name": "", "collaboration_id": made["id"], "organization_id": 3}
    return {**made, "node": await admin.post("node", order, 201)}


async def test_a_node_that_comes_and_goes_is_told(up, opened, study, tmp_path) -> None:
    browser, node = await opened(up, "collaboration_admin"), study["node"]
    (tmp_path / "a.csv").write_text("age\n40\n")
    command = ("node", "--server", up, "--api-key", node["api_key"])
    async with listening(browser) as live:
        with running(*command, "--database", f"default={tmp_path / 'a.csv'}"):
            online = await live.hears("node-online", id=node["id"])
            assert online == {"id": node["id"], "name": node["name"], "org_id": 3}
            assert (await browser.get(f"node/{node['id']}"))["status"] == "online"
        await live.hears("node-offline", id=node["id"])
    assert (await browser.get(f"node/{node['id']}"))["status"] == "offline"


async def test_a_task_is_killed(up, opened, study) -> None:
    browser = await opened(up, "collaboration_admin")
    form = task_form({**PARTIAL, **ARGUMENTS}, 3)
    made = await browser.post("task", {**form, "collaboration_id": study["id"]}, 201)
    assert show("task", made)["status"] == "pending"
    assert (await browser.post("kill/task", {"id": made["id"]}))["msg"]
    assert (await browser.get(f"task/{made['id']}"))["status"] == "failed"
    [row] = await browser.get(f"task/{made['id']}/result")
    assert show("result", row)["status"] == "killed by user"
    with pytest.raises(Shown, match="has finished already"):
        await browser.post("kill/task", {"id": made["id"]})


async def test_all_tasks_of_a_node_are_killed(up, opened, study) -> None:
    browser = await opened(up, "collaboration_admin")
    online = [row for row in await browser.get("node") if row["status"] == "online"]
    assert (await browser.post("kill/node/tasks", {"id": online[0]["id"]}))["msg"]
    with pytest.raises(Shown, match="not online"):
        await browser.post("kill/node/tasks", {"id": study["node"]["id"]})
