"""`v6sim logs`: what algorithms print, while they run and afterwards."""

import json
import subprocess

import httpx
import pytest

from tests.commands import V6SIM, ended, environment, running, v6sim
from v6sim.client import Client
from v6sim.wire.payload import serialize

ALGORITHM = """
import pathlib
import time


def RPC_talk(data, go_on):
    print("before", flush=True)
    while not pathlib.Path(go_on).exists():
        time.sleep(0.02)
    print("after")
    return 1


def RPC_fail(data):
    print("so far so good")
    raise RuntimeError("no further")
"""


@pytest.fixture
def world(tmp_path):
    (tmp_path / "talk.py").write_text(ALGORITHM)
    (tmp_path / "data.csv").write_text("x\n1\n")
    file = tmp_path / "world.json"
    user = {"username": "ann", "password": "Ann-12345", "roles": ["Researcher"]}
    here = {"name": "one", "databases": {"default": "data.csv"}}
    file.write_text(
        json.dumps(
            {
                "organizations": [{"name": "one", "users": [user]}],
                "collaborations": [{"name": "c", "encrypted": False, "participants": [here]}],
                "algorithms": {"talk": {"package": "talk.py"}},
            }
        )
    )
    return file


def submit(address: str, method: str, **kwargs: object) -> int:
    with Client(address, "ann", "Ann-12345") as client:
        ids = client.organizations()
        given = serialize({"method": method, "kwargs": kwargs})
        return client.submit(1, [ids["one"]], "talk", given).task_id


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_what_a_run_prints_is_seen_while_it_runs(world, executor, tmp_path) -> None:
    go_on = tmp_path / "go on"
    with running("up", "--port", "0", "--world", world, "--executor", executor) as (_, address):
        root = address.removesuffix("/api")
        task = submit(address, "talk", go_on=str(go_on))
        following = subprocess.Popen(
            [V6SIM, "logs", str(task), "--follow", "--server", root],
            stdout=subprocess.PIPE, text=True, env=environment(),
        )  # fmt: skip
        assert following.stdout
        seen = [line for line in iter(following.stdout.readline, "task 1 one | before\n") if line]
        go_on.touch()
        said, _ = ended(following)
        assert "task 1 one | after\n" in said
        assert following.returncode == 0
        again = v6sim("logs", "1", "--server", root)
        assert again.stdout == "".join([*seen, "task 1 one | before\n", said])


def test_a_failed_run_is_exit_code_1_and_a_wrong_task_2(world) -> None:
    with running("up", "--port", "0", "--world", world) as (_, address):
        root = address.removesuffix("/api")
        task = submit(address, "fail")
        followed = v6sim("logs", str(task), "-f", "--server", root)
        assert followed.returncode == 1
        assert "task 1 one | so far so good\n" in followed.stdout
        assert "RuntimeError: no further" in followed.stdout
        missing = v6sim("logs", "7", "--server", root)
        assert (missing.returncode, missing.stdout) == (2, "")
        assert "task 7 does not exist" in missing.stderr


def test_only_the_node_of_a_run_says_what_it_prints() -> None:
    with running("up", "--port", "0") as (_, address):
        root = address.removesuffix("/api")
        key = {"api_key": "00000000-0000-4000-8000-000000000001"}
        token = httpx.post(f"{address}/token/node", json=key).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        path, body = f"{root}/_v6sim/runs/1/log", {"text": "x", "offset": 0}
        assert httpx.post(path, json=body, headers=bearer).status_code == 404
        assert httpx.post(path, json=body).status_code == 401
