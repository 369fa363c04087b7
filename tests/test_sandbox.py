"""The sandbox: a server and its nodes together, in other people's programs."""

import threading

import psutil
import pytest

from tests.databases import new_database
from v6sim import Sandbox, World, WorldError
from v6sim.client import ApiError
from v6sim.server.errors import CannotStart
from v6sim.wire.payload import serialize
from v6sim.wire.statuses import RunStatus

IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}
MASTER = {"method": "master", "master": True, "kwargs": {"column_name": "age"}}


@pytest.fixture(scope="module", params=["inline", "process"])
def box(request):
    settings = {"database_url": new_database()}
    with Sandbox("manual", executor=request.param, settings=settings) as box:
        yield box


@pytest.fixture
def researcher(box):
    box.reset()
    with box.own_client("researcher") as client:
        yield client


def run(client, given, *where, image=IMAGE, **options):
    return client.wait(client.submit(1, where, image, serialize(given), **options))


def test_a_master_asks_everybody_and_a_task_goes_where_it_is_sent(researcher) -> None:
    master = run(researcher, MASTER, 2)
    assert master.runs[0].result == {"average": 53.25}
    assert [run.organization for run in master.subtasks[0].runs] == [
        "example_org1", "example_org2", "example_org3",
    ]  # fmt: skip
    assert len(run(researcher, MASTER, 2, 3).subtasks) == 2


def test_only_the_nodes_that_a_task_is_for_are_woken(box, researcher) -> None:
    run(researcher, PARTIAL, 3)
    woken = {name for event in box.journal.events(name="new_task") for name in event.heard_by}
    assert woken == {"example_org2 - example_collab1 Node"}


def test_after_a_reset_ids_begin_anew(researcher) -> None:
    assert run(researcher, PARTIAL, 2).id == 1


def test_a_reset_in_the_middle_of_a_run_drops_it(box, tmp_path) -> None:
    box.reset()
    with box.own_client("researcher") as client:
        ticket = client.submit(1, [2, 3, 4], IMAGE, serialize(MASTER))
        box.reset()
        with pytest.raises(ApiError):
            client.look(ticket)
        assert run(client, PARTIAL, 2).id == 1


@pytest.mark.parametrize(
    ("given", "options", "status", "said"),
    [
        ({"method": "nothing"}, {}, RunStatus.CRASHED, "method 'RPC_nothing' not found!"),
        (
            {"method": "average_partial", "kwargs": {"column_name": "gone"}}, {},
            RunStatus.CRASHED, "ValueError: there is no column 'gone'",
        ),
        (PARTIAL, {"database": "gone"}, RunStatus.CRASHED, "no database 'gone'"),
        (PARTIAL, {"image": "no/such/image"}, RunStatus.NO_IMAGE, "no/such/image"),
    ],
    ids=["unknown method", "missing column", "missing database", "unknown image"],
)  # fmt: skip
def test_what_cannot_work_ends_and_says_why(researcher, given, options, status, said) -> None:
    task = run(researcher, given, 2, **options)
    assert (task.status, task.runs[0].status) == ("failed", status)
    assert said in task.runs[0].log


def test_nothing_is_left_when_it_ends() -> None:
    threads = set(threading.enumerate())
    others = set(psutil.Process().children(recursive=True))
    with Sandbox("manual") as box, box.own_client("researcher") as client:
        run(client, PARTIAL, 2)
        processes = set(psutil.Process().children(recursive=True)) - others
        assert processes
    assert not [process for process in processes if process.is_running()]
    assert {thread for thread in threading.enumerate() if "sandbox" in thread.name} <= threads


def test_a_node_gets_a_key_where_the_world_names_none(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("age\n1\n")
    world = World.of(
        {
            "organizations": [
                {
                    "name": "a",
                    "users": [{"username": "u", "password": "p", "roles": ["Researcher"]}],
                }
            ],
            "collaborations": [
                {
                    "name": "c",
                    "encrypted": False,
                    "participants": [{"name": "a", "databases": {"default": "a.csv"}}],
                }
            ],
        },
        base=tmp_path,
    )
    with Sandbox(world) as box, box.own_client("u") as client:
        assert run(client, PARTIAL, 2).runs[0].result == {"sum": 1, "count": 1}


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_without_docker_persist_is_told_of_once(tmp_path, caplog, executor) -> None:
    (tmp_path / "a.csv").write_text("age\n1\n")
    node = {"databases": {"default": "a.csv"}, "persist": True}
    world = World.of(
        {
            "organizations": [{"name": "a"}, {"name": "b"}],
            "collaborations": [
                {
                    "name": "c",
                    "encrypted": False,
                    "participants": [{"name": "a", **node}, {"name": "b", **node}],
                }
            ],
        },
        base=tmp_path,
    )
    with Sandbox(world, executor=executor) as box:
        assert [node.settings.persist for node in box.nodes] == [True, True]
        box.reset()
    told = [each for each in caplog.records if "`persist`" in each.getMessage()]
    assert [each.levelname for each in told] == ["WARNING"]


def test_what_cannot_start_says_so_where_it_is_started() -> None:
    with pytest.raises(WorldError, match="no such file"):
        Sandbox("gone.yaml")
    with Sandbox("empty") as first:
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(CannotStart, match=f"port {port}"), Sandbox("empty", port=port):
            pass
    with (
        pytest.raises(CannotStart, match="hold_seconds"),
        Sandbox("empty", settings={"hold_seconds": -1}),
    ):
        pass
