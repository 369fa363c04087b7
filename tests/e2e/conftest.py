"""An algorithm in the making, and data for it."""

from pathlib import Path

import pytest

ALGORITHM = """
import sys
import pandas as pd

def master(client, data, column="x"):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "partial", "kwargs": {"column": column}}, ids)
    while not client.get_task(task["id"])["complete"]:
        pass
    return sum(client.get_results(task_id=task["id"]))

def RPC_partial(data, column="x"):
    print("working on", column)
    return data[column].sum()

def RPC_python(data):
    return sys.executable

def RPC_arguments(data, *args, **kwargs):
    return {"args": args, "kwargs": kwargs}

def early(client, data):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    client.create_new_task({"method": "slow"}, ids)
    return "early"

def RPC_slow(data):
    import time
    time.sleep(0.5)
    return "late"

def endless(client, data, file):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "sleepy", "kwargs": {"file": file}}, ids[:1])
    while not client.get_task(task["id"])["complete"]:
        pass

def RPC_sleepy(data, file):
    import pathlib, time
    pathlib.Path(file).touch()
    time.sleep(1000)

def RPC_no_numbers(data):
    return {"nan": float("nan"), "more": [float("inf"), -float("inf"), 1.5]}

def RPC_chatty(data):
    import os, subprocess, threading
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()
    subprocess.run(["echo", "from a program"])
    os.write(1, b"from below\\n")
    return "quiet"

def RPC_wide(data):
    return "w" * 300

def RPC_stop(data):
    value = 41
    breakpoint()
    return value + 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    package = tmp_path / "my-algorithm" / "my_algorithm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(ALGORITHM)
    for name, rows in {"north": "1\n2\n", "south": "3\n4.5\n"}.items():
        (tmp_path / f"{name}.csv").write_text(f"x\n{rows}")
    return tmp_path
