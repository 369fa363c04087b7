"""Sockets and rights: only nodes say what nodes say, and all hear what they may hear now."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import task_body
from tests.server.conftest import PATIENCE, as_user, token_of

CHANGE = "algorithm_status_change"
PARTNER = "example_org2 - example_collab1 Node"
NODE_2, NODE_3 = 9, 10  # the nodes of the organizations 3 and 4


@pytest.fixture
async def as_root(http) -> Any:
    """Calls of root: method, path, body; gives the answer's body."""
    headers = await as_user(http, "root")

    async def call(method: str, path: str, body: Any = None) -> Any:
        answer = await http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    return call


@pytest.fixture
async def elsewhere(as_root, listening, http) -> Any:
    """A second collaboration, of organization 3: its node, connected, and a task with a run."""
    made = await as_root("POST", "/collaboration", {"name": "b", "organization_ids": [2, 3]})
    await as_root("PATCH", f"/collaboration/{made['id']}", {"encrypted": False})
    node = await as_root("POST", "/node", {"collaboration_id": made["id"], "organization_id": 3})
    token = await token_of(http, "node", {"api_key": node["api_key"]})
    return {"id": made["id"], "node": node, "listener": await listening(token=token)}


async def says(listener: Any, name: str, *payload: Any) -> None:
    """Have a client say something; returns when the server has dealt with it."""
    await listener.client.call(name, *payload, namespace="/tasks", timeout=PATIENCE)


async def as_task(http: Any, *organizations: int, **changes: Any) -> dict[str, Any]:
    """A task of the researcher's at some organizations."""
    headers = await as_user(http, "researcher")
    body = task_body(*(organizations or (2,)), **changes)
    answer = await http.post("/task", json=body, headers=headers)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def marks(http: Any, *listeners: Any) -> None:
    """Have all those hear of a new task who may; what was told before has then been heard too."""
    task = await as_task(http)
    for listener in listeners:
        await listener.hears("new_task", task["id"])


@pytest.mark.parametrize("name", [CHANGE, "ping", "node-online", "node-offline", "new_task"])
async def test_a_user_does_not_say_what_nodes_say(listening, http, server, name) -> None:
    admin, user, node = (
        await listening("root"),
        await listening("researcher"),
        await listening(node=1),
    )
    await as_task(http)
    said = {"status": "crashed", "result_id": 1, "collaboration_id": 1, "id": 8, "org_id": 2}
    before = [admin.names().count(name), node.names().count(name)]
    await says(user, name, said)
    await marks(http, admin, node)
    more = 1 if name == "new_task" else 0
    assert [admin.names().count(name) - more, node.names().count(name) - more] == before
    assert server.core.event_journal.events(name=name, by="researcher")


async def test_a_status_change_says_what_the_server_knows_whatever_is_sent(listening, http) -> None:
    admin, node = await listening("root"), await listening(node=2)
    await as_task(http, 2, 3)
    forged = {
        "status": "active", "result_id": 2, "task_id": 99, "collaboration_id": 7, "node_id": 8,
        "organization_id": 4, "parent_id": 5, "run_id": 66, "more": "x",
    }  # fmt: skip
    await says(node, CHANGE, forged)
    assert await admin.hears(CHANGE) == {
        "status": "active", "result_id": 2, "task_id": 1, "run_id": 1, "collaboration_id": 1,
        "node_id": NODE_2, "organization_id": 3, "parent_id": None,
    }  # fmt: skip


async def test_a_node_says_nothing_of_a_run_of_another_organization(listening, http) -> None:
    admin, node = await listening("root"), await listening(node=2)
    await as_task(http, 2)
    await says(node, CHANGE, {"status": "active", "result_id": 1, "collaboration_id": 1})
    await marks(http, admin)
    assert CHANGE not in admin.names()


async def test_a_node_says_nothing_of_a_run_of_another_collaboration(
    listening, http, elsewhere
) -> None:
    admin, node = await listening("root"), elsewhere["listener"]
    await as_task(http, 3)  # of the same organization, in the first collaboration
    said = {"status": "active", "result_id": 1, "collaboration_id": elsewhere["id"]}
    await says(node, CHANGE, said)
    await says(node, CHANGE, {**said, "collaboration_id": 1})
    await marks(http, admin)
    assert CHANGE not in admin.names()


async def give_ear(as_root: Any, username: str, organization_id: int) -> Any:
    """Have a user be allowed to hear of the own collaborations, and nothing else."""
    wanted = ("event", "VIEW", "COLLABORATION")
    rules = [
        rule["id"]
        for rule in await as_root("GET", "/rule")
        if (rule["name"], rule["operation"], rule["scope"]) == wanted
    ]
    role = {"name": "ear", "description": "", "rules": rules, "organization_id": organization_id}
    made = await as_root("POST", "/role", role)
    (row,) = await as_root("GET", f"/user?username={username}")
    await as_root("PATCH", f"/user/{row['id']}", {"roles": [made["id"]]})
    return made


STRANGE = [True, [1], {"id": 1}, "1\u0000", "one", 2**80, -1, 1.5, float("nan"), None, "", "\ud800"]


@pytest.mark.parametrize("run_id", STRANGE, ids=repr)
async def test_a_strange_id_of_a_run_is_ignored(listening, http, caplog, run_id) -> None:
    admin, node = await listening("root"), await listening(node=1)
    await as_task(http, 2)
    await says(node, CHANGE, {"status": "active", "result_id": run_id})
    await marks(http, admin)
    assert CHANGE not in admin.names()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(
    "status", [True, [1], {}, 1, None, "", "a\u0000", "\ud800", "a\nb", "x" * 101], ids=repr
)
async def test_a_strange_status_is_ignored(listening, http, status) -> None:
    admin, node = await listening("root"), await listening(node=1)
    await as_task(http, 2)
    await says(node, CHANGE, {"status": status, "result_id": 1})
    await marks(http, admin)
    assert CHANGE not in admin.names()


@pytest.mark.parametrize("payload", [None, [], "active", 1, [{"status": "active", "result_id": 1}]])
async def test_a_strange_payload_is_ignored(listening, http, payload) -> None:
    admin, node = await listening("root"), await listening(node=1)
    await as_task(http, 2)
    await says(node, CHANGE, payload)
    await marks(http, admin)
    assert CHANGE not in admin.names()


async def test_of_a_run_that_has_been_killed_a_node_cannot_say_that_it_completed(
    listening, http, as_root
) -> None:
    admin, node = await listening("root"), await listening(node=1)
    task = await as_task(http, 2)
    await as_root("POST", "/kill/task", {"id": task["id"]})
    await says(node, CHANGE, {"status": "completed", "result_id": 1})
    assert (await admin.hears(CHANGE))["status"] == "killed by user"


async def test_who_loses_a_role_hears_nothing_more(listening, http, as_root) -> None:
    admin, root = await listening("collaboration_admin"), await listening("root")
    await marks(http, admin)
    (row,) = await as_root("GET", "/user?username=collaboration_admin")
    await as_root("PATCH", f"/user/{row['id']}", {"roles": []})
    heard = len(admin.heard)
    await marks(http, root)
    await says(admin, "message", "still here")
    assert len(admin.heard) == heard


async def test_who_gets_a_role_hears_from_then_on(listening, http, as_root) -> None:
    user = await listening("viewer")
    (row,) = await as_root("GET", "/user?username=viewer")
    (role,) = await as_root("GET", "/role?name=Collaboration%20Admin")
    await as_root("PATCH", f"/user/{row['id']}", {"roles": [role["id"]]})
    await marks(http, user)


async def test_who_loses_a_rule_of_a_role_hears_nothing_more(listening, http, as_root) -> None:
    role = await give_ear(as_root, "viewer", 2)
    viewer, root = await listening("viewer"), await listening("root")
    await marks(http, viewer)
    await as_root("DELETE", f"/role/{role['id']}/rule/{role['rules'][0]['id']}")
    heard = len(viewer.heard)
    await marks(http, root)
    await says(viewer, "message", "still here")
    assert len(viewer.heard) == heard


async def test_who_moves_to_another_organization_hears_of_its_collaborations(
    listening, http, as_root
) -> None:
    admin, root = await listening("collaboration_admin"), await listening("root")
    alone = await as_root("POST", "/organization", {"name": "alone"})
    (row,) = await as_root("GET", "/user?username=collaboration_admin")
    await as_root("PATCH", f"/user/{row['id']}", {"organization_id": alone["id"]})
    heard = len(admin.heard)
    await marks(http, root)
    await says(admin, "message", "still here")
    assert len(admin.heard) == heard


async def test_whose_organization_joins_a_collaboration_hears_of_it(
    listening, http, as_root
) -> None:
    other = await as_root("POST", "/collaboration", {"name": "b", "organization_ids": [3]})
    admin = await listening("collaboration_admin")
    await as_root("POST", f"/collaboration/{other['id']}/organization", {"id": 2})
    await as_root("POST", "/node", {"collaboration_id": other["id"], "organization_id": 3})
    task = await as_task(http, 3, collaboration_id=other["id"])
    await admin.hears("new_task", task["id"])


async def test_whose_organization_leaves_a_collaboration_hears_nothing_more(
    listening, http, as_root
) -> None:
    admin, node = await listening("collaboration_admin"), await listening(node=1)
    root = await listening("root")
    await marks(http, admin, node)
    await as_root("DELETE", "/collaboration/1/organization", {"id": 2})
    assert await node.hears(STOP) == stop(NODE_2 - 1)[1]
    heard = len(admin.heard), len(node.heard)
    headers = await as_user(http, "researcher2")
    task = (await http.post("/task", json=task_body(3), headers=headers)).json()
    await root.hears("new_task", task["id"])
    await says(admin, "message", "still here")
    await says(node, "message", "still here")
    assert (len(admin.heard), len(node.heard)) == heard


async def test_a_user_who_is_deleted_hears_nothing_more_and_says_nothing(
    listening, http, as_root, server
) -> None:
    admin, root = await listening("collaboration_admin"), await listening("root")
    (row,) = await as_root("GET", "/user?username=collaboration_admin")
    await as_root("DELETE", f"/user/{row['id']}")
    heard = len(admin.heard)
    await marks(http, root)
    await says(admin, "message", "still here")
    assert len(admin.heard) == heard
    assert not server.core.event_journal.events(name="message", by="collaboration_admin")


STOP = "kill_containers"


def stop(node_id: int, collaboration_id: int = 1) -> tuple[str, Any]:
    """What a node hears that is to stop all it runs."""
    return STOP, {"node_id": node_id, "collaboration_id": collaboration_id}


async def gone(listener: Any) -> None:
    """Wait until a listener has been disconnected."""
    async with asyncio.timeout(PATIENCE):
        await listener.client.wait()


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("wishes", [{}, {"hear": "work"}])
async def test_a_node_that_is_deleted_has_to_stop_its_runs_and_is_disconnected(
    listening, http, as_root, works, wishes
) -> None:
    root, node = await listening("root"), await listening(node=2, **wishes)
    other = await listening(node=1)
    online = await root.hears("node-online", {"id": NODE_2, "name": PARTNER, "org_id": 3})
    if works:
        await as_task(http, 3)
        await node.hears("new_task")
    heard = len(node.heard)
    await as_root("DELETE", f"/node/{NODE_2}")
    await gone(node)
    assert node.heard[heard:] == [stop(NODE_2)]
    assert await root.hears("node-offline") == online
    await marks(http, root, other)
    assert node.heard[heard:] == [stop(NODE_2)]
    assert stop(NODE_2) not in other.heard  # whom it does not concern
    assert CHANGE not in root.names()


async def test_nodes_of_a_collaboration_that_is_deleted_stop_and_are_disconnected(
    listening, as_root
) -> None:
    nodes = [await listening(node=number) for number in (1, 2)]
    await as_root("DELETE", "/collaboration/1")
    for node, key in zip(nodes, (NODE_2 - 1, NODE_2), strict=True):
        await gone(node)
        assert node.heard[-1] == stop(key)


async def test_a_node_whose_key_is_renewed_goes_on(listening, http, as_root) -> None:
    node = await listening(node=2)
    await as_root("POST", "/recover/node", {"id": NODE_2})
    await marks(http, node)
    assert STOP not in node.names()
    assert node.client.connected


async def test_a_node_that_moves_leaves_one_collaboration_for_another(
    listening, http, as_root
) -> None:
    root, node = await listening("root"), await listening(node=2)
    other = await as_root("POST", "/collaboration", {"name": "b", "organization_ids": [2, 3]})
    await as_root("DELETE", "/collaboration/1/node", {"id": NODE_2})
    heard = len(node.heard)
    await marks(http, root)
    await says(node, "message", "still here")
    assert node.heard[heard:] == [stop(NODE_2)]
    assert (await root.hears("node-offline"))["id"] == NODE_2
    await as_root("POST", f"/collaboration/{other['id']}/node", {"id": NODE_2})
    task = await as_task(http, 3, collaboration_id=other["id"])
    await node.hears("new_task", task["id"])


async def test_nodes_without_a_collaboration_share_no_room(listening, http, as_root) -> None:
    first, second = await listening(node=1), await listening(node=2)
    for node_id in (NODE_2 - 1, NODE_2):
        await as_root("DELETE", "/collaboration/1/node", {"id": node_id})
    await says(first, "message", "still here")
    heard = len(first.heard)
    await second.client.disconnect()
    await says(first, "message", "still here")
    assert len(first.heard) == heard


async def test_a_user_whose_token_expires_is_told_so_and_hears_nothing_more(
    listening, http, clock
) -> None:
    admin, node = await listening("collaboration_admin"), await listening(node=1)
    clock.shift(timedelta(hours=7))
    await marks(http, node)  # nodes go on: genuine ones lose their work when they connect anew
    await admin.hears("expired_token")
    heard = len(admin.heard)
    await marks(http, node)
    await says(admin, "message", "still here")
    assert len(admin.heard) == heard
    rows = (await http.get("/user", headers=await as_user(http, "root"))).json()
    assert [row["username"] for row in rows if row["status"] == "online"] == []


async def test_a_user_who_wants_to_hear_of_work_hears_what_the_rules_say(listening, http) -> None:
    researcher, root = await listening("researcher", hear="work"), await listening("root")
    await marks(http, root)
    await says(researcher, "message", "still here")
    assert set(researcher.names()) == {"message"}


async def test_a_user_without_roles_hears_nothing(listening, http, as_root) -> None:
    (row,) = await as_root("GET", "/user?username=viewer")
    await as_root("PATCH", f"/user/{row['id']}", {"roles": []})
    viewer, root = await listening("viewer"), await listening("root")
    await listening(node=1)
    await marks(http, root)
    await says(viewer, "message", "still here")
    assert viewer.heard == []


async def test_the_nodes_of_other_collaborations_do_not_hear_of_a_node(
    listening, http, elsewhere
) -> None:
    foreign, root = elsewhere["listener"], await listening("root")
    node = await listening(node=3)
    assert (await root.hears("node-online"))["id"] == NODE_3
    await node.client.disconnect()
    assert (await root.hears("node-offline"))["id"] == NODE_3
    await says(foreign, "message", "still here")
    assert set(foreign.names()) == {"message"}
    assert "example_collab1" not in str(foreign.heard)


async def test_a_users_name_is_told_to_those_who_may_view_that_user(
    listening, http, as_root
) -> None:
    await give_ear(as_root, "researcher2", 3)
    admin, stranger = await listening("collaboration_admin"), await listening("researcher2")
    node, user = await listening(node=2), await listening("root")
    await user.client.disconnect()
    other = "another organization's"
    for listener, name in ((admin, "root"), (stranger, other), (node, other)):
        await listener.hears("message", f"User <{name}> joined room <collaboration_1>")
        await listener.hears("message", f"{name} left room collaboration_1")
    assert "root" not in str([*stranger.heard, *node.heard])


async def test_an_acknowledged_ping_counts_for_the_node_that_it_was_sent_to(
    listening, http, clock, as_root, server
) -> None:
    first, second = await listening(node=1), await listening(node=2)
    first.node_id = NODE_2  # which lies
    second.node_id = None  # which does not answer
    await clock.advance(timedelta(seconds=66))
    assert server.core.event_journal.events(name="ping")
    await clock.advance(timedelta(seconds=66))
    rows = await as_root("GET", "/node")
    assert {row["id"]: row["status"] for row in rows if row["id"] in (NODE_2 - 1, NODE_2)} == {
        NODE_2 - 1: "offline", NODE_2: "offline",
    }  # fmt: skip
