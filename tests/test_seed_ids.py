"""Chosen ids of a federation: zero is an id like any other, for users, nodes, and algorithms."""

import sys
from itertools import count

import pytest

from tests.databases import new_database
from v6sim import Sandbox, World
from v6sim.server.store.seed_ids import HIGHEST, SeedIds
from v6sim.world import Algorithm

ALGORITHM = """
import time


def master(client, data, where):
    task = client.create_new_task({"method": "own"}, organization_ids=where)
    while not client.get_task(task["id"])["complete"]:
        time.sleep(0.01)
    return {"parts": client.get_results(task["id"]), "here": client.host_node_id}


def RPC_own(data):
    return int(data["x"].sum())


def RPC_slow(data):
    import time

    time.sleep(60)
"""
IDS = SeedIds(
    {"north": 0, "south": 1},
    {"study": 7},
    {"north - study Node": 0, "south - study Node": 5},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zero")
    (folder / "v6_zero.py").write_text(ALGORITHM)
    for name, value in (("north", 3), ("south", 4)):
        (folder / f"{name}.csv").write_text(f"x\n{value}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield folder
    sys.modules.pop("v6_zero", None)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "encrypted"])
def box(request, folder):
    numbers = count(1)
    world = World.of(
        {
            "organizations": [
                {
                    "name": name,
                    "users": [
                        {
                            "username": f"user{next(numbers)}",
                            "password": "Password-1",
                            "roles": ["Researcher"],
                        }
                    ],
                }
                for name in ("north", "south")
            ],
            "collaborations": [
                {
                    "name": "study",
                    "encrypted": request.param,
                    "participants": [
                        {"name": name, "databases": {"default": str(folder / f"{name}.csv")}}
                        for name in ("north", "south")
                    ],
                }
            ],
        }
    )
    with Sandbox(
        world, executor="inline", ids=IDS, settings={"database_url": new_database()}
    ) as running:
        running.world.algorithms["zero"] = Algorithm(package="v6_zero")
        yield running


@pytest.fixture
def zero(box):
    box.reset()
    return box


def test_lists_show_them(zero) -> None:
    with zero.own_client("user1") as client:
        assert client.organizations() == {"north": 0, "south": 1}
        assert client.collaborations() == {"study": 7}
        assert client.ask("GET", "/organization/0")["name"] == "north"
    with zero.as_node("north") as node:
        assert node.get("/node/0").json()["organization"]["id"] == 0


def test_what_the_server_makes_by_itself_keeps_clear_of_them(zero) -> None:
    with zero.http("root") as root:
        rows = root.get("/organization").json()
        assert {row["name"]: row["id"] for row in rows} == {"north": 0, "south": 1, "root": 2}
        made = root.post("/organization", json={"name": "later"}).json()
        assert made["id"] == 3


@pytest.mark.parametrize("user", ["user1", "user2"])
def test_a_task_at_organization_0_for_either(zero, user) -> None:
    kwargs = {"where": [0, 1]}
    outcome = zero.run("zero", "master", user=user, kwargs=kwargs, organizations=None)
    assert outcome.result["parts"] == [3, 4]
    assert outcome.result["here"] == (0 if user == "user1" else 5)
    receiver = "north" if user == "user1" else "south"
    left = [(each.entry.kind, each.receivers) for each in zero.egress if each.entry.kind != "log"]
    assert ("subtask input", ["north"]) in left
    assert [to for kind, to in left if kind == "result"] == [[receiver]] * 3


def test_a_partial_named_by_the_id_0(zero) -> None:
    outcome = zero.run("zero", "own", organizations=[0], user="user2")
    assert outcome.results == {"north": 3}
    with zero.as_container(outcome.task) as container:
        assert container.get("/organization/0").status_code == 200
        rows = container.get(f"/task/{outcome.task.id}/result").json()
        assert [(row["organization"], row["node"]["id"]) for row in rows] == [(0, 0)]
    with zero.http("user2") as http:
        assert [row["id"] for row in http.get("/task?initiator_id=1").json()] == [outcome.task.id]
        assert http.get("/task?initiator_id=0").json() == []


def test_what_is_waited_for_names_organization_0(zero) -> None:
    with zero.faults.node("north").offline():
        task = zero.submit("zero", "own", organizations=[0], user="user2")
        with pytest.raises(TimeoutError, match=r"north - study Node.*\n?.*offline"):
            task.wait(0.01)


@pytest.mark.parametrize(
    "chosen",
    [{"a": -1}, {"a": HIGHEST + 1}, {"a": True}, {"a": "0"}, {"a": 0, "b": 0}],
)
@pytest.mark.parametrize("kind", ["organizations", "collaborations", "nodes"])
def test_ids_that_cannot_be_are_refused(kind, chosen) -> None:
    with pytest.raises(ValueError, match=f"{kind[:-1]}"):
        SeedIds(**{kind: chosen})
