"""Encryption on the command line: keys, nodes with keys, worlds that encrypt, dry runs."""

import base64
import json
import re
from pathlib import Path

import pytest

from tests.commands import running, v6sim
from tests.keys import KEYS
from v6sim.client import Client
from v6sim.wire.keys import PrivateKey
from v6sim.wire.payload import serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}
API_KEYS = {name: f"00000000-0000-4000-8000-00000000000{n}" for n, name in enumerate("ab", 1)}
WORLD = f"""
organizations:
  - name: a
    users: [{{username: anna, password: Researcher-1, roles: [Researcher]}}]
  - name: b
collaborations:
  - name: c
    encrypted: true
    participants:
      - {{name: a, api_key: {API_KEYS["a"]}, databases: {{default: a.csv}}}}
      - {{name: b, api_key: {API_KEYS["b"]}, databases: {{default: b.csv}}}}
"""
PARTS = [{"sum": 3, "count": 2}, {"sum": 3, "count": 1}]


@pytest.fixture
def world(tmp_path: Path) -> Path:
    for name, rows in {"a": "1\n2\n", "b": "3\n"}.items():
        (tmp_path / f"{name}.csv").write_text(f"age\n{rows}")
    file = tmp_path / "world.yaml"
    file.write_text(WORLD)
    return file


def test_a_new_key_is_for_its_owner_alone_and_its_public_key_is_printed(tmp_path) -> None:
    file = tmp_path / "north.pem"
    said = v6sim("keys", "new", file)
    assert said.returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert said.stdout.strip() == str(PrivateKey.load(file).public_key)
    assert base64.b64decode(said.stdout).startswith(b"-----BEGIN PUBLIC KEY-----")
    assert str(file) in said.stderr


def test_a_key_is_not_overwritten(tmp_path) -> None:
    file = tmp_path / "north.pem"
    file.write_text("mine")
    said = v6sim("keys", "new", file)
    assert said.returncode == 2
    assert f"{file} exists already, and is not overwritten" in said.stderr
    assert file.read_text() == "mine"


def test_up_makes_keys_and_says_where_they_are(world, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with running("up", "--port", "0", "--world", world) as (child, address):
        assert child.stdout
        lines = iter(child.stdout.readline, "")
        assert any(line == "Collaboration 1: c (encrypted)\n" for line in lines)
        assert any("client.setup_encryption(FILE)" in line for line in lines)
        found = re.fullmatch(r"  a +(/\S+)\n", next(lines))
        assert found
        with Client(address, "anna", "Researcher-1", Path(found[1])) as client:
            task = client.wait(client.submit(1, [2, 3], IMAGE, serialize(PARTIAL)))
            assert [run.result for run in task.runs] == PARTS
    assert not list((tmp_path / "tmp").iterdir())


def test_nodes_elsewhere_bring_their_keys(world) -> None:
    with running("server", "--port", "0", "--world", world) as (_, address):

        def node(name: str, key: str):
            return running(
                "node", "--server", address, "--api-key", API_KEYS[name],
                "--database", f"default={world.with_name(f'{name}.csv')}",
                "--private-key", KEYS[key],
            )  # fmt: skip

        with (
            node("a", "example_org1"),
            node("b", "example_org2"),
            Client(address, "anna", "Researcher-1", KEYS["example_org1"]) as client,
        ):
            task = client.wait(client.submit(1, [2, 3], IMAGE, serialize(PARTIAL)))
            assert [run.result for run in task.runs] == PARTS
        wrong = v6sim(
            "node", "--server", address, "--api-key", API_KEYS["a"], "--private-key",
            KEYS["example_org2"],
        )  # fmt: skip
        assert wrong.returncode == 2
        assert f"error: the private key {KEYS['example_org2']} does not fit 'a'" in wrong.stderr


WRONG_NODES = {
    "no encryption": ([], "collaboration 'c' encrypts, but this node is set to the opposite"),
    "no key": (["--encrypted"], "takes the private key of 'a', but this node has none"),
    "no file": (["--private-key", "gone.pem"], "but gone.pem cannot be read: No such file"),
}


@pytest.mark.parametrize(("options", "expected"), WRONG_NODES.values(), ids=WRONG_NODES.keys())
def test_a_node_that_does_not_fit_is_exit_code_2(world, options, expected) -> None:
    with running("server", "--port", "0", "--world", world) as (_, address):
        said = v6sim("node", "--server", address, "--api-key", API_KEYS["a"], *options)
    assert said.returncode == 2
    assert expected in said.stderr
    assert "Traceback" not in said.stderr


def test_keys_of_a_world_that_do_not_fit_are_a_mistake(world) -> None:
    public = str(PrivateKey.load(KEYS["example_org2"]).public_key)
    fields = f"name: a\n    public_key: {public}\n    private_key: {KEYS['example_org1']}"
    world.write_text(WORLD.replace("name: a\n", f"{fields}\n", 1))
    for command in (("up", "--port", "0", "--world", world), ("world", "check", world)):
        said = v6sim(*command)
        assert said.returncode == 2
        assert "organizations[0].private_key: " in said.stderr
        assert "does not fit the public_key of 'a'" in said.stderr


def test_a_dry_run_can_be_encrypted(world) -> None:
    data = ("--data", world.with_name("a.csv"), "--data", world.with_name("b.csv"))
    method = ("--method", "master", "--kwarg", "column_name=age", "--encrypted", "--json")
    said = v6sim("run", IMAGE, *data, *method)
    assert said.returncode == 0, said.stderr
    task = json.loads(said.stdout)["task"]
    assert [run["result"] for run in task["runs"]] == [{"average": 2}]
    own, other = task["subtasks"][0]["runs"]
    assert own["result"] == other["result"] | {"count": 2}
