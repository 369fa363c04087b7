"""`v6sim egress`, and what `v6sim run` says at its end."""

import json
import os
from pathlib import Path

import pytest

from tests.commands import running, v6sim
from v6sim.client import Client
from v6sim.wire.payload import serialize

ALGORITHM = """
def RPC_total(data):
    return float(data["weight"].sum())

def RPC_rows(data):
    print("the first is", data["name"][0])
    return data.to_json()

def RPC_size(data):
    return {"count": len(data)}

class Odd:
    def __init__(self, held):
        self.held = held

def RPC_odd(data):
    return Odd(len(data))

def RPC_hides(data):
    return Odd(list(data["weight"]))

def RPC_deep(data):
    found = []
    for _ in range(300):
        found = [found]
    return found

def asks(client, data):
    try:
        client.request("role")
    except Exception as error:
        return str(error)
"""
ROWS = "name,weight\nannabel,61.5\nbob,72.25\ncleo,88.75\ndan,54.5\neve,79.25\n"
IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "leaky.py").write_text(ALGORITHM)
    (tmp_path / "north.csv").write_text(ROWS)
    return tmp_path


def run(project: Path, method: str, *options: str):
    return v6sim(
        "run", "leaky.py", "--data", "north.csv", "--method", method, *options, cwd=project
    )


def test_a_run_ends_with_what_left_and_no_findings(project) -> None:
    said = run(project, "total", "--egress-fail")
    assert said.returncode == 0, said.stderr
    [what, findings] = said.stderr.splitlines()
    assert what.endswith("left 1 organization: 1 log, 1 result")
    assert findings == "egress: no findings"


def test_what_a_proxy_refused_has_not_left(project) -> None:
    said = run(project, "asks")
    assert said.returncode == 0, said.stderr
    [left, refused, findings] = [line for line in said.stderr.splitlines() if "egress: " in line]
    assert left.endswith("left 1 organization: 1 log, 1 result")
    assert refused == "egress: 1 request refused by proxies"
    assert findings == "egress: no findings"


def test_rows_that_leave_are_found_and_named(project) -> None:
    said = run(project, "rows", "-v")
    assert said.returncode == 0
    for text in (
        "row-length: 5 values, which are those of column 'weight' of database 'default'",
        "unique-value: 5 values of column 'weight' of database 'default' that one row alone has",
        "identifier: 5 values of column 'name' of database 'default' that tell people apart",
    ):
        assert f"result of task 1, to north: {text}" in said.stderr
    assert "log of task 1, to server: identifier: 1 value of column 'name'" in said.stderr


@pytest.mark.parametrize(
    ("method", "options", "code"),
    [
        ("size", [], 0),
        ("size", ["--egress-fail"], 0),
        ("size", ["--egress-fail", "--egress-min-count", "6"], 3),
        ("rows", ["--egress-fail"], 3),
        ("odd", ["--egress-fail"], 0),
        ("hides", ["--egress-fail"], 3),
        ("deep", ["--egress-fail"], 3),
        ("gone", ["--egress-fail"], 1),
    ],
)
def test_findings_are_an_exit_code_only_if_asked_for(project, method, options, code) -> None:
    said = run(project, method, "--no-master", "--json", *options)
    assert said.returncode == code, said.stderr
    assert json.loads(said.stdout)["task"]["id"] == 1


def test_another_terminal_sees_what_left_a_running_federation() -> None:
    with running("up", "--port", "0") as (_, address):
        with Client(address, "researcher", "Researcher-1") as client:
            assert client.wait(client.submit(1, [2], IMAGE, serialize(PARTIAL))).is_good
        said = v6sim("egress", "1", "--server", address)
        whole = v6sim("egress", "--server", address, "--full")
        [result, _] = json.loads(v6sim("egress", "--server", address, "--json", "--full").stdout)
    assert said.returncode == 0, said.stderr
    assert "{'sum': 253, 'count': 4}" in said.stdout
    assert (
        "#1 example_org1, result of task 1, to example_org1: small-count: count is 4" in said.stdout
    )
    assert "{'sum': 253, 'count': 4}" in whole.stdout
    assert result["value"] == {"sum": 253, "count": 4}


def test_a_node_of_its_own_keeps_a_file(tmp_path, monkeypatch) -> None:
    data, ledger = tmp_path / "data.csv", tmp_path / "egress.jsonl"
    data.write_text("age\n61\n63\n")
    with running("server", "--port", "0") as (_, address):
        key = "00000000-0000-4000-8000-000000000001"
        options = ("--database", f"default={data}", "--egress", ledger)
        with (
            running("node", "--server", address, "--api-key", key, *options),
            Client(address, "researcher", "Researcher-1") as client,
        ):
            assert client.wait(client.submit(1, [2], IMAGE, serialize(PARTIAL))).is_good
        refused = v6sim("egress", "--server", address)
    monkeypatch.setattr("tests.commands.environment", lambda: {**os.environ, "COLUMNS": "40"})
    said = v6sim("egress", "--file", ledger, "--min-count", "3")
    assert said.returncode == 0, said.stderr
    assert "organization" in said.stdout
    assert "{'sum': 124, 'count': 2}" in said.stdout
    assert "result of task 1, to example_org1: small-count: count is 2, below 3" in said.stdout
    assert refused.returncode == 2
    assert "v6sim node --egress FILE" in refused.stderr


def test_mistakes_are_said_clearly(tmp_path) -> None:
    (tmp_path / "other").write_text("nonsense\n")
    for words, expected in {
        ("--server", "http://127.0.0.1:9"): "no v6sim answers at http://127.0.0.1:9",
        ("--file", "gone"): "gone: nothing has this name",
        ("--file", "other"): "other:1 is no entry of a ledger",
    }.items():
        said = v6sim("egress", *words, cwd=tmp_path)
        assert said.returncode == 2
        assert expected in said.stderr
        assert "Traceback" not in said.stderr
