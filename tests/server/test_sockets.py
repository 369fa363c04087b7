"""Socket.IO: who hears what, seen by genuine clients of the protocol."""

from datetime import timedelta

import pytest
import socketio
from socketio.exceptions import ConnectionError as SocketConnectionError

from tests.conftest import API_KEYS, task_body
from tests.server.conftest import PATIENCE, as_user, token_of


async def test_a_node_is_online_while_it_is_connected(listening, http) -> None:
    headers = await as_user(http, "root")
    admin = await listening("collaboration_admin")
    node = await listening(node=1)
    payload = await admin.hears("node-online")
    assert payload == {
        "id": payload["id"],
        "name": "example_org1 - example_collab1 Node",
        "org_id": 2,
    }
    online = (await http.get("/node?status=online", headers=headers)).json()
    assert [row["id"] for row in online] == [payload["id"]]
    await node.client.disconnect()
    assert await admin.hears("node-offline") == payload
    assert (await http.get("/node?status=online", headers=headers)).json() == []


async def test_a_new_task_is_told_to_all_nodes_of_its_collaboration(listening, http) -> None:
    nodes = [await listening(node=number) for number in (1, 2, 3)]
    headers = await as_user(http, "researcher")
    task = (await http.post("/task", json=task_body(2), headers=headers)).json()
    for node in nodes:
        assert await node.hears("new_task") == task["id"]
        assert await node.hears("task_created") == {
            "task_id": task["id"], "run_id": 1, "collaboration_id": 1, "init_org_id": 2,
        }  # fmt: skip
        assert node.names().index("task_created") < node.names().index("new_task")


async def test_a_researcher_hears_only_of_the_own_node(listening, http) -> None:
    researcher = await listening("researcher")
    await listening(node=2)
    await listening(node=1)
    headers = await as_user(http, "researcher")
    await http.post("/task", json=task_body(2), headers=headers)
    admin = await listening("collaboration_admin")
    await admin.hears("message")
    told = [payload for name, payload in researcher.heard if name == "node-online"]
    assert [payload["org_id"] for payload in told] == [2]
    assert "new_task" not in researcher.names()


async def test_what_a_node_says_of_a_run_is_passed_on_with_its_job(listening, http) -> None:
    admin, node = await listening("collaboration_admin"), await listening(node=1)
    headers = await as_user(http, "researcher")
    await http.post("/task", json=task_body(2), headers=headers)
    said = {"status": "active", "result_id": 1, "task_id": 1, "collaboration_id": 1, "node_id": 8}
    await node.client.emit("algorithm_status_change", said, namespace="/tasks")
    heard = await admin.hears("algorithm_status_change")
    assert heard == {**said, "organization_id": 2, "parent_id": None, "run_id": 1}


async def test_a_kill_lists_each_unfinished_run_with_its_own_task(listening, http) -> None:
    node = await listening(node=1)
    headers = await as_user(http, "researcher")
    await http.post("/task", json=task_body(2, 3), headers=headers)
    root = await as_user(http, "root")
    assert (await http.post("/kill/task", json={"id": 1}, headers=root)).status_code == 200
    assert await node.hears("kill_containers") == {
        "collaboration_id": 1,
        "kill_list": [
            {"task_id": 1, "result_id": 1, "organization_id": 2},
            {"task_id": 1, "result_id": 2, "organization_id": 3},
        ],
    }


@pytest.mark.parametrize("token", [None, "nonsense"])
async def test_without_a_good_token_there_is_no_connection(listening, token) -> None:
    with pytest.raises(SocketConnectionError):
        await listening(token=token)


async def test_an_expired_token_is_told_so_and_hears_nothing_else(listening, http, clock) -> None:
    token = await token_of(http, "node", {"api_key": API_KEYS[0]})
    clock.shift(timedelta(hours=7))
    node = await listening(token=token)
    await node.hears("expired_token")
    assert node.names() == ["expired_token"]


async def test_polling_works_where_web_sockets_do_not(listening) -> None:
    ear = await listening("collaboration_admin", transports=["polling"])
    await listening(node=1)
    await ear.hears("node-online")
    assert ear.client.transport() == "polling"


async def test_the_default_namespace_accepts_anybody(serving, connections) -> None:
    client = socketio.AsyncClient(reconnection=False, http_session=connections)
    await client.connect(serving.url, wait_timeout=PATIENCE)
    assert client.connected
    await client.disconnect()


async def test_who_is_connected_is_still_online_after_a_reset(listening, http, serving) -> None:
    await listening(node=1)
    secret = {"Authorization": f"Bearer {serving.server.secret}"}
    reset = await http.post(f"{serving.url}/_v6sim/reset", headers=secret)
    assert reset.status_code == 204
    headers = await as_user(http, "root")
    rows = (await http.get("/node?status=online", headers=headers)).json()
    assert [row["organization"]["id"] for row in rows] == [2]
