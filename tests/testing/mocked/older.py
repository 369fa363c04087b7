"""A suite on the mock client of 3.7: it runs on the genuine one, and with one import on ours."""

import io
import json
import pickle

import pandas
import pytest
import sums
from vantage6.tools.mock_client import ClientMockProtocol


@pytest.fixture
def client(tmp_path):
    files = []
    for number, values in enumerate(([1, 2], [30], [400, 500])):
        files.append(str(tmp_path / ("%d.csv" % number)))
        pandas.DataFrame({"x": values}).to_csv(files[-1], index=False)
    return ClientMockProtocol(datasets=files, module="sums")


@pytest.fixture(scope="module")
def seen():
    """What was seen, for a comparison of two runs of this suite."""
    things = {}
    yield things
    with open("seen.json", "w") as file:
        json.dump(things, file)


def test_organizations(client, seen):
    organizations = client.get_organizations_in_my_collaboration()
    assert len({each["id"] for each in organizations}) == 3
    seen["organizations"] = [[each["id"], each["name"], each["domain"]] for each in organizations]
    assert [each["id"] for each in organizations] == [0, 1, 2]


def test_partials(client, seen):
    task = client.create_new_task({"method": "sum", "args": ["x"]}, organization_ids=[0, 2])
    seen["partials"] = client.get_results(task["id"])
    assert seen["partials"] == [3, 900]


def test_a_master(client, seen):
    task = client.create_new_task(
        input_={"master": True, "method": "master", "kwargs": {"column": "x"}},
        organization_ids=[1],
    )
    [seen["master"]] = client.get_results(task_id=task["id"])
    assert seen["master"] == {"sum": 933, "own": 30}


def test_a_master_called_by_itself(client):
    assert sums.master(client, pandas.DataFrame({"x": [5]}), "x") == {"sum": 933, "own": 5}


def test_ids_of_the_list(client):
    ids = [each["id"] for each in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "sum", "kwargs": {"column": "x"}}, ids[1:])
    assert client.get_results(task["id"]) == [30, 900]


@pytest.mark.parametrize("where", [0, 1, 2])
def test_ids_in_the_input(client, seen, where):
    task = client.create_new_task(
        input_={"master": 1, "method": "chosen", "kwargs": {"column": "x", "org_ids": [0, 2]}},
        organization_ids=[where],
    )
    [result] = client.get_results(task["id"])
    assert result == {"parts": [3, 900], "known": [0, 1, 2]}
    seen["chosen %d" % where] = result


def test_a_master_with_ids_called_by_itself(client, seen):
    seen["by itself"] = sums.chosen(client, client.datasets[0], "x", [1, 0])
    assert seen["by itself"] == {"parts": [30, 3], "known": [0, 1, 2]}


def test_results_as_scripts_read_them(client, seen):
    task = client.create_new_task({"method": "sum", "args": ["x"]}, organization_ids=[1])
    results = client.get_task(task.get("id"))["results"]
    seen["read"] = [pickle.loads(each["result"]) for each in results]
    assert seen["read"] == [30]


def test_data(client, seen):
    seen["data"] = [frame["x"].tolist() for frame in client.datasets]


@pytest.mark.parametrize("form", ["relative", "path", "open", "packed"])
def test_forms_of_datasets(tmp_path, monkeypatch, seen, form):
    pandas.DataFrame({"x": [7, 8]}).to_csv(tmp_path / "own.csv.gz", index=False)
    pandas.DataFrame({"x": [5, 8]}).to_csv(tmp_path / "own.csv", index=False)
    monkeypatch.chdir(tmp_path)
    dataset = {
        "relative": "./own.csv", "path": tmp_path / "own.csv",
        "open": io.StringIO("x\n6\n8\n"), "packed": "own.csv.gz",
    }[form]
    client = ClientMockProtocol([dataset, "own.csv"], "sums")
    (tmp_path / "own.csv").unlink()
    task = client.create_new_task({"method": "sum", "args": ("x",)}, range(2))
    seen[form] = client.get_results(task["id"])
    assert seen[form][1] == 13


def test_tasks(client, seen):
    task = client.create_new_task({"method": "sum", "args": ["x"]}, [0, 1])
    assert task["complete"]
    assert client.get_task(task["id"]) == task
    assert client.tasks == [task]
    assert client.n == 3
    rows = [[sorted(row), type(row["result"]).__name__] for row in task["results"]]
    seen["rows"] = rows
    wanted = ("complete", "id", "results")
    seen["task"] = {name: type(task[name]).__name__ for name in wanted if name != "complete"}


def test_values_come_back_as_they_were(client, seen):
    task = client.create_new_task({"method": "table"}, [0])
    [table] = client.get_results(task["id"])
    pandas.testing.assert_frame_equal(table, pandas.DataFrame({"x": [1, 2]}))
    task = client.create_new_task({"method": "nothing"}, [0, 1])
    seen["nothing"] = client.get_results(task["id"])


def test_no_organizations(client, seen):
    seen["none"] = client.get_results(client.create_new_task({"method": "nothing"})["id"])


def test_errors(client):
    with pytest.raises(KeyError, match="there is no such thing"):
        client.create_new_task({"method": "fail"}, [0])
    with pytest.raises(Exception):
        client.create_new_task({"method": "gone"}, [0])
    with pytest.raises(Exception):
        client.create_new_task({"method": "sum", "args": ["x"]}, [5000])
    with pytest.raises(Exception):
        client.get_results(5000)
