"""A suite on the mock client of 3.11: it runs on the genuine one, and with one import on ours."""

import json

import pandas
import pytest
import sums
from vantage6.tools.mock_client import MockAlgorithmClient

FRAMES = [pandas.DataFrame({"x": values}) for values in ([1, 2], [30])]
MASTER = {"master": True, "method": "newer", "kwargs": {"column": "x"}}


@pytest.fixture
def datasets(tmp_path):
    file = str(tmp_path / "0.csv")
    FRAMES[0].to_csv(file, index=False)
    return [{"database": file, "type": "csv"}, {"database": FRAMES[1]}]


@pytest.fixture
def client(datasets):
    return MockAlgorithmClient(datasets=datasets, module="sums")


@pytest.fixture(scope="module")
def seen():
    """What was seen, for a comparison of two runs of this suite."""
    things = {}
    yield things
    with open("seen.json", "w") as file:
        json.dump(things, file)


def test_a_master(client, seen):
    task = client.task.create(MASTER, organization_ids=[0], name="all", description="of it")
    [result] = client.result.get(task["id"])
    assert result["parts"] == [3, 30]
    seen["master"] = {"parts": result["parts"], "collaboration": result["collaboration"]}
    seen["names"] = [task["name"], task["description"], task["status"]]
    assert client.task.get(task["id"]) == task


def test_a_master_called_by_itself(client, seen):
    ids = [each["id"] for each in client.organization.list()]
    result = sums.newer(client, FRAMES[0], column="x")
    assert result["parts"] == [3, 30]
    assert client.organization_id == ids[0]


def test_chosen_ids(datasets, seen):
    client = MockAlgorithmClient(datasets, "sums", collaboration_id=3, organization_ids=[7, 12])
    task = client.task.create(MASTER, organization_ids=[12])
    [result] = client.result.get(task["id"])
    seen["chosen"] = [result["parts"], result["collaboration"], client.organization_id]
    seen["ids"] = [each["id"] for each in client.organization.list()]
    assert seen["ids"] == [7, 12]


@pytest.mark.parametrize(
    "organizations, nodes", [(None, None), ([7, 0], None), ([3, 5], [0, 9]), ([1, 0], [2, 3])]
)
def test_ids(datasets, seen, organizations, nodes):
    client = MockAlgorithmClient(
        datasets, module="sums", organization_ids=organizations, node_ids=nodes
    )
    ids = organizations or [0, 1]
    wanted = {"column": "x", "org_ids": [ids[1]]}
    task = client.task.create(
        {"master": True, "method": "newer_chosen", "kwargs": wanted}, organization_ids=[ids[1]]
    )
    [result] = client.result.get(task["id"])
    result["known"].sort()
    own = [client.organization_id, client.host_node_id, client.all_node_ids]
    data = {str(key): frame["x"].tolist() for key, frame in client.datasets.items()}
    seen["ids %s %s" % (organizations, nodes)] = [result, own, client.all_organization_ids, data]
    assert result["here"][0] == ids[1]
    assert result["parts"] == [30]


def test_too_few_ids(datasets, seen):
    client = MockAlgorithmClient(datasets, "sums", organization_ids=[7], node_ids=[1, 2, 3])
    seen["too few"] = [client.all_organization_ids, client.all_node_ids, client.collaboration_id]


def test_the_collaboration(datasets, seen):
    ids = [MockAlgorithmClient(datasets, "sums", each).collaboration_id for each in (None, 0, 5)]
    seen["collaborations"] = ids


def test_forms_of_datasets(tmp_path, monkeypatch, seen):
    monkeypatch.chdir(tmp_path)
    FRAMES[0].to_csv("own.csv", index=False)
    client = MockAlgorithmClient(
        [
            {"database": "own.csv", "type": "csv", "db_input": {}},
            {"database": tmp_path / "own.csv", "type": "csv"},
            {"database": FRAMES[1], "type": "csv"},
        ],
        "sums",
    )
    task = client.task.create({"method": "sum", "args": ["x"]}, [0, 1, 2])
    seen["forms"] = client.result.get(task["id"])


def test_things(client, seen):
    assert client.node.get()["id"] == client.host_node_id
    seen["collaboration"] = [client.collaboration_id, client.collaboration.get()["name"]]


def test_errors(client):
    with pytest.raises(KeyError, match="there is no such thing"):
        client.task.create({"method": "fail"}, [0])
    with pytest.raises(Exception):
        client.task.create({"method": "sum", "args": ["x"]}, [5000])
