"""The life of a node, at a real server."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import socketio
from pydantic import SecretStr

from tests.conftest import API_KEYS
from tests.node.conftest import WORLD, News, Person
from v6sim.node.departures import Departure
from v6sim.node.errors import NodeRefused, ServerRefused
from v6sim.node.executors.base import Executor
from v6sim.node.node import Node
from v6sim.node.places import Places
from v6sim.node.settings import NodeSettings
from v6sim.server.app import Server
from v6sim.server.clock import Clock
from v6sim.server.serving import Serving
from v6sim.wire import payload

MakeNode = Callable[..., Node]
Who = Callable[[str], Awaitable[Person]]


async def until(condition: Callable[[], object]) -> None:
    """Let the event loop go on until something has come true that nobody tells of."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def all_reported(node: Node) -> None:
    """Wait until a node has no run any more."""
    await until(lambda: not node.running)


def put(path: Path, content: str) -> None:
    """Make a file appear with its content."""
    path.with_suffix(".new").write_text(content)
    path.with_suffix(".new").rename(path)


# --- signing in ---


async def test_a_node_knows_who_it_is(node: Node, researcher: Person) -> None:
    assert node.id == 8
    assert node.name == "example_org1 - example_collab1 Node"
    assert (node.organization["id"], node.organization["name"]) == (2, "example_org1")
    assert (node.collaboration["id"], node.collaboration["name"]) == (1, "example_collab1")
    assert node.online
    assert not node.running
    assert (await researcher.ask("GET", "/node/8"))["status"] == "online"


async def test_a_node_that_stops_is_offline(node: Node, researcher: Person) -> None:
    await node.stop()
    assert not node.online
    assert (await researcher.ask("GET", "/node/8"))["status"] == "offline"


async def test_an_unknown_api_key_is_refused_with_advice(make_node: MakeNode) -> None:
    node = make_node(api_key=SecretStr("no-such-key"))
    with pytest.raises(NodeRefused, match=r"does not know this node's api key .* Take the key"):
        await node.start()
    assert not node.online


async def test_what_is_no_server_is_refused(make_node: MakeNode, serving: Serving) -> None:
    with pytest.raises(ServerRefused, match="/elsewhere/token/node: 404"):
        await make_node(server=f"{serving.url}/elsewhere").start()


async def test_a_server_that_is_not_there_yet_is_waited_for(
    make_server: Callable[..., Server],
    executor: Executor,
    http: aiohttp.ClientSession,
    unused_tcp_port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = NodeSettings(
        server=f"http://127.0.0.1:{unused_tcp_port}", api_key=SecretStr(API_KEYS[0])
    )
    node = Node(settings, executor, Places(), http)
    with caplog.at_level(logging.WARNING, "v6sim.node"):
        starting = asyncio.create_task(node.start())
        await until(lambda: caplog.records)
        async with Serving(make_server(), port=unused_tcp_port):
            await starting
            assert node.online
            await node.stop()
    assert len([record for record in caplog.records if "is away" in record.message]) == 1


async def test_no_secret_is_shown(
    make_node: MakeNode, researcher: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        node = make_node(algorithm_env={"PASSWORD": "hush"})
        await node.start()
        run = await researcher.run("give_back", image="probe")
    tokens = {node._site.link.token} if node._site else set()
    logged = [each.getMessage() for each in caplog.records if each.name.startswith("v6sim.node")]
    shown = "".join(logged) + repr(node) + repr(vars(node)) + repr(node.settings) + run["log"]
    for secret in (API_KEYS[0], "hush", *tokens):
        assert secret not in shown


async def test_a_ping_is_acknowledged_with_the_nodes_id(node: Node, server: Server) -> None:
    sio = server.sockets.sio
    (sid,) = [sid for sid, _ in sio.manager.get_participants("/tasks", None)]
    assert await sio.call("ping", to=sid, namespace="/tasks", timeout=5) == node.id


# --- runs ---


async def test_a_run_is_made_and_reported(node: Node, researcher: Person) -> None:
    run = await researcher.run("average_partial", column_name="age")
    assert run["status"] == "completed"
    assert payload.read(payload.to_bytes(run["result"])) == {"sum": 253, "count": 4}
    assert "info > writing the output" in run["log"]
    started, finished = (
        datetime.fromisoformat(run[f"{each}_at"]) for each in ("started", "finished")
    )
    assert timedelta() <= finished - started < timedelta(seconds=10)


async def test_a_master_and_its_subtasks_need_a_single_place(
    make_node: MakeNode, researcher: Person
) -> None:
    places = Places(1)
    for number in (1, 2, 3):
        await make_node(number, places).start()
    task = await researcher.send("sum_of_sizes", 2, 3, image="masters", master=True)
    assert await researcher.answers(task) == [12, 12]


async def test_the_published_average_is_what_it_says(nodes: list[Node], researcher: Person) -> None:
    master = await researcher.send("master", 2, master=True, column_name="age")
    partials = await researcher.send("average_partial", 2, 3, column_name="age")
    assert await researcher.answers(master) == [{"average": 53.25}]
    assert await researcher.answers(partials) == [
        {"sum": 253, "count": 4},
        {"sum": 173, "count": 4},
    ]


async def test_no_label_means_the_default_database(node: Node, researcher: Person) -> None:
    run = await researcher.run("environment", image="probe", database="")
    seen = payload.read(payload.to_bytes(run["result"]))
    assert seen["DATABASE_URI"] == node.settings.databases["default"]


async def test_its_server_is_told_of_the_environment_without_secrets(
    make_node: MakeNode, serving: Serving, researcher: Person
) -> None:
    await make_node(algorithm_env={"DB_PASSWORD": "hush", "LEVEL": "3"}).start()
    run = await researcher.run("environment", image="probe", database="my_other_database")
    environments = serving.server.core.environments
    await until(lambda: environments.of(run["id"]))
    told = dict(environments.of(run["id"]) or {})
    assert told["USER_REQUESTED_DATABASE_LABEL"] == "my_other_database"
    assert told["LEVEL"] == "3"
    assert "hush" not in told.values()


async def test_another_database_is_had_by_its_label(node: Node, researcher: Person) -> None:
    run = await researcher.run("environment", image="probe", database="my_other_database")
    seen = payload.read(payload.to_bytes(run["result"]))
    assert seen["DATABASE_URI"] == node.settings.databases["my_other_database"]
    assert seen["USER_REQUESTED_DATABASE_LABEL"] == "my_other_database"


async def test_a_label_that_the_node_has_not_is_a_crash_that_lists_its_own(
    node: Node, researcher: Person
) -> None:
    run = await researcher.run("environment", image="probe", database="heights")
    assert run["status"] == "crashed"
    assert run["log"] == (
        "node > this node has no database 'heights'; its databases are: default, "
        "my_other_database\n"
    )
    assert run["started_at"] is not None


async def test_a_file_that_is_gone_is_a_crash_that_names_it(
    make_node: MakeNode, researcher: Person, tmp_path: Path
) -> None:
    await make_node(databases={"default": str(tmp_path / "gone.csv")}).start()
    run = await researcher.run("environment", image="probe")
    assert run["status"] == "crashed"
    assert f"{tmp_path / 'gone.csv'}, which is not a file" in run["log"]


async def test_an_unknown_image_is_reported_as_such(node: Node, researcher: Person) -> None:
    run = await researcher.run("x", image="harbor.example/unknown")
    assert run["status"] == "non-existing Docker image"
    assert "no algorithm is known by the image name 'harbor.example/unknown'" in run["log"]
    assert "`--algorithm harbor.example/unknown=PACKAGE` of `v6sim node`" in run["log"]
    assert run["result"] == ""
    assert run["finished_at"] is not None


async def test_a_crash_leaves_its_traceback(node: Node, researcher: Person) -> None:
    run = await researcher.run("fail", image="probe")
    assert run["status"] == "crashed"
    assert "ValueError: no way" in run["log"]


async def test_what_the_server_refuses_an_algorithm_is_in_its_log(
    node: Node, researcher: Person
) -> None:
    run = await researcher.run("ask_for", image="masters", master=True, endpoint="task/999")
    assert run["status"] == "crashed"
    assert "The answer to GET task/999 was 500 Request failed, see node logs" in run["log"]
    assert "node > the server refused GET /task/999: 404 " in run["log"]


async def test_the_status_of_a_run_is_told_as_it_changes(
    node: Node, researcher: Person, serving: Serving, person: Who
) -> None:
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    root = await person("root")
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    client.on("algorithm_status_change", told.put_nowait, namespace="/tasks")
    headers = {"Authorization": root._http.headers["Authorization"]}
    await client.connect(serving.url, headers=headers, namespaces=["/tasks"])
    task = await researcher.send("size", 2, image="masters")
    async with asyncio.timeout(10):
        first, second = await told.get(), await told.get()
    await client.disconnect()
    assert [first["status"], second["status"]] == ["active", "completed"]
    assert {first["task_id"], second["task_id"]} == {task}
    assert {first[f"{each}_id"] for each in ("node", "organization", "collaboration")} == {8, 2, 1}


async def test_many_words_of_new_work_make_each_run_once(
    node: Node, researcher: Person, departures: list[Departure]
) -> None:
    tasks = [await researcher.send("size", 2, image="masters") for _ in range(8)]
    assert [await researcher.answers(task) for task in tasks] == [[4]] * 8
    results = [each.run_id for each in departures if each.kind == "result"]
    assert len(results) == len(set(results)) == 8


# --- coming and going ---


async def test_a_task_that_was_made_while_the_node_was_away_is_not_missed(
    make_node: MakeNode, researcher: Person
) -> None:
    before = await researcher.send("size", 2, image="masters")
    node = make_node()
    await node.start()
    assert await researcher.answers(before) == [4]
    await node.stop()
    meanwhile = await researcher.send("size", 2, image="masters")
    await node.start()
    assert await researcher.answers(meanwhile) == [4]


async def test_a_connection_that_breaks_is_made_again_and_nothing_is_missed(
    node: Node, server: Server, researcher: Person
) -> None:
    await researcher.answers(await researcher.send("size", 2, image="masters"))
    sio = server.sockets.sio
    for sid, _ in list(sio.manager.get_participants("/tasks", None)):
        await sio.disconnect(sid, namespace="/tasks")
    task = await researcher.send("size", 2, image="masters")
    assert await researcher.answers(task) == [4]
    assert node.online


async def test_an_expired_token_is_renewed(
    node: Node, clock: Clock, person: Who, server: Server
) -> None:
    clock.shift(timedelta(hours=7))
    researcher = await person("researcher")
    assert await researcher.answers(await researcher.send("size", 2, image="masters")) == [4]
    clock.shift(timedelta(hours=7))
    sio = server.sockets.sio
    for sid, _ in list(sio.manager.get_participants("/tasks", None)):
        await sio.disconnect(sid, namespace="/tasks")
    researcher = await person("researcher")
    assert await researcher.answers(await researcher.send("size", 2, image="masters")) == [4]
    assert node.online


class Restarting:
    """A server that goes away and comes back, at the same address and with the same data."""

    def __init__(self, make: Callable[..., Server], folder: Path, port: int) -> None:
        self._make, self._folder, self._port = make, folder, port

    def serve(self, **changes: Any) -> Serving:
        settings = {
            "database_url": f"sqlite:///{self._folder}/server.db",
            "jwt_secret_key": "one-secret-for-all-its-lives-0123456789",
            "hold_seconds": 5,
            **changes,
        }
        return Serving(self._make(**settings), port=self._port)


@pytest.fixture
def restarting(
    make_server: Callable[..., Server], tmp_path: Path, unused_tcp_port: int
) -> Restarting:
    return Restarting(make_server, tmp_path, unused_tcp_port)


@pytest.fixture
def make_far_node(
    executor: Executor, http: aiohttp.ClientSession, unused_tcp_port: int, make_databases: Any
) -> Callable[[], Node]:
    def make() -> Node:
        settings = NodeSettings(
            server=f"http://127.0.0.1:{unused_tcp_port}",
            api_key=SecretStr(API_KEYS[0]),
            databases=make_databases,
        )
        return Node(settings, executor, Places(), http)

    return make


@pytest.fixture
def make_databases() -> dict[str, str]:
    return dict(WORLD.collaborations[0].participants[0].databases)


async def logged_in(server: Server, username: str, password: str) -> Person:
    """A user who needs no connection, as the server may just be starting."""
    transport = httpx.ASGITransport(server.app, client=("127.0.0.1", 9))
    http = httpx.AsyncClient(transport=transport, base_url="http://localhost/api")
    login = {"username": username, "password": password}
    tokens = (await http.post("/token/user", json=login)).json()
    http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return Person(http)


async def send_as_researcher(server: Server, method: str, **kwargs: Any) -> int:
    researcher = await logged_in(server, "researcher", "Researcher-1")
    return await researcher.send(method, 2, image="masters", master=True, **kwargs)


async def test_a_report_waits_for_a_server_that_is_away(
    restarting: Restarting, make_far_node: Callable[[], Node], tmp_path: Path
) -> None:
    node = make_far_node()
    async with restarting.serve() as serving:
        news = News(serving.server)
        await node.start()
        await send_as_researcher(serving.server, "wait_for_file", path=str(tmp_path / "file"))
        await news.of_run("active")
    put(tmp_path / "file", "done")  # so the algorithm ends while nobody listens
    async with restarting.serve() as serving:
        news = News(serving.server)
        await news.of_run("completed")
        await node.stop()


async def test_a_server_that_has_forgotten_everything_is_signed_in_to_anew(
    restarting: Restarting, make_far_node: Callable[[], Node]
) -> None:
    node = make_far_node()
    async with restarting.serve(database_url="sqlite://") as serving:
        news = News(serving.server)
        await node.start()
        await send_as_researcher(serving.server, "sum_of_sizes")
        first = await news.of_run("active")
    secret = "another-secret-with-the-same-world-0123456789"
    async with restarting.serve(database_url="sqlite://", jwt_secret_key=secret) as serving:
        news = News(serving.server)
        await send_as_researcher(serving.server, "ask_for", endpoint="organization/2")
        second = await news.of_run("completed")
        await node.stop()
    assert second.run_id == first.run_id


async def test_a_node_whose_key_is_not_known_any_more_gives_up(
    restarting: Restarting, make_far_node: Callable[[], Node]
) -> None:
    node = make_far_node()
    async with restarting.serve() as serving:
        await node.start()
        root = await logged_in(serving.server, "root", "root")
        await root.ask("POST", "/recover/node", {"id": node.id})
    async with restarting.serve(jwt_secret_key="another-secret-voids-all-tokens-0123456789"):
        await until(lambda: node.failure)
    assert isinstance(node.failure, NodeRefused)
    assert not node.online
    await node.stop()


# --- stopping work ---


async def test_a_killed_task_ends_and_is_not_reported_as_anything_else(
    node: Node, researcher: Person, person: Who, news: News
) -> None:
    task = await researcher.send("linger", 2, image="probe")
    await news.of_run("active")
    await (await person("organization_admin")).ask("POST", "/kill/task", {"id": task})
    await all_reported(node)
    (run,) = await researcher.runs(task)
    assert run["status"] == "killed by user"
    assert run["finished_at"] is not None


async def test_a_kill_of_all_that_a_node_runs_ends_it(
    node: Node, researcher: Person, person: Who, news: News
) -> None:
    tasks = [await researcher.send("linger", 2, image="probe") for _ in range(2)]
    await news.of_run("active")
    await news.of_run("active")
    await (await person("organization_admin")).ask("POST", "/kill/node/tasks", {"id": node.id})
    await all_reported(node)
    for task in tasks:
        (run,) = await researcher.runs(task)
        assert run["status"] == "killed by user"


async def test_a_kill_of_another_nodes_runs_is_not_for_this_one(
    nodes: list[Node], researcher: Person, person: Who, news: News
) -> None:
    await researcher.send("linger", 2, 3, image="probe")
    await news.of_run("active")
    await news.of_run("active")
    await (await person("root")).ask("POST", "/kill/node/tasks", {"id": nodes[1].id})
    await all_reported(nodes[1])
    assert len(nodes[0].running) == 1


async def test_a_run_that_waits_for_a_place_can_be_killed(
    make_node: MakeNode, researcher: Person, person: Who, news: News
) -> None:
    node = make_node(1, Places(1))
    await node.start()
    await researcher.send("linger", 2, image="probe")
    await news.of_run("active")
    waiting = await researcher.send("size", 2, image="masters")
    await until(lambda: len(node.running) == 2)
    await (await person("organization_admin")).ask("POST", "/kill/task", {"id": waiting})
    await until(lambda: len(node.running) == 1)
    (run,) = await researcher.runs(waiting)
    assert run["status"] == "killed by user"
    assert run["started_at"] is None


async def test_a_stopped_node_leaves_its_runs_open_and_makes_them_at_the_next_start(
    node: Node, researcher: Person, news: News, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    task = await researcher.send("wait_for_file", 2, image="masters", master=True, path=str(path))
    await news.of_run("active")
    await node.stop()
    (run,) = await researcher.ask("GET", f"/task/{task}/result")
    assert (run["status"], run["finished_at"]) == ("active", None)
    put(path, "the second time")
    await node.start()
    assert await researcher.answers(task) == ["the second time"]


async def test_abandoned_work_is_not_reported_and_the_node_stays(
    node: Node, researcher: Person, news: News
) -> None:
    lost = await researcher.send("linger", 2, image="probe")
    await news.of_run("active")
    await node.abandon()
    assert node.online
    assert not node.running
    (run,) = await researcher.ask("GET", f"/task/{lost}/result")
    assert (run["status"], run["finished_at"]) == ("active", None)


async def test_no_file_of_a_run_stays(
    node: Node, researcher: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = await researcher.run("environment", image="probe")
    seen = payload.read(payload.to_bytes(run["result"]))
    await all_reported(node)
    folder, temporary = Path(seen["INPUT_FILE"]).parent, Path(seen["TEMPORARY_FOLDER"])
    assert not folder.exists()
    assert not folder.with_suffix(".log").exists()
    assert temporary.exists()
    assert temporary.parent.stat().st_mode & 0o777 == 0o700
    await node.stop()
    assert not temporary.parent.exists()


# --- what leaves ---


async def test_what_leaves_is_told_in_plain_and_to_whom(
    nodes: list[Node], researcher: Person, departures: list[Departure]
) -> None:
    task = await researcher.send("sum_of_sizes", 2, image="masters", master=True)
    assert await researcher.answers(task) == [12]
    inputs = [each for each in departures if each.kind == "subtask input"]
    assert [each.receivers for each in inputs] == [(2,), (3,), (4,)]
    assert {each.node_id for each in inputs} == {8}
    assert payload.read(inputs[0].content) == {"method": "size"}
    results = [each for each in departures if each.kind == "result"]
    assert [payload.read(each.content) for each in results] == [4, 4, 4, 12]
    assert {each.receivers for each in results} == {(2,)}
    assert len([each for each in departures if each.kind == "log"]) == 4
    requests = [each.content for each in departures if each.kind == "request"]
    assert b"GET /collaboration/1/organization\n" in requests


async def test_an_image_that_is_not_allowed_ends_with_the_reason(
    make_node: Callable[..., Node], researcher: Person
) -> None:
    await make_node(allowed_images=["harbor2\\.vantage6\\.ai/demo/average$", "mine"]).start()
    run = await researcher.run("mean", image="probe", column="age")
    assert run["status"] == "failed"
    assert run["finished_at"]
    assert "this node does not run the image 'probe'" in run["log"]
    assert "'harbor2\\\\.vantage6" in run["log"]
    allowed = await researcher.run("average_partial", column_name="age")
    assert allowed["status"] == "completed"


async def test_the_variables_of_a_node_reach_its_algorithms(
    make_node: Callable[..., Node], researcher: Person
) -> None:
    await make_node(algorithm_env={"LIMIT": "10"}).start()
    run = await researcher.run("environment", image="probe")
    assert payload.read(payload.to_bytes(run["result"]))["LIMIT"] == "10"
