"""Masters that do with their client what the tests of nodes want to see done."""

# ruff: noqa: N802  its methods are called as the contract wants it

import os
import time
from pathlib import Path
from typing import Any


def wait_for_file(client: Any, data: Any, path: str) -> Any:
    """Answer once a file is there, with its content."""
    while not Path(path).exists():
        time.sleep(0.005)
    return Path(path).read_text()


def sum_of_sizes(client: Any, data: Any) -> Any:
    ids = [each["id"] for each in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "size"}, ids)
    while not client.get_task(task["id"])["complete"]:
        time.sleep(0)
    return sum(client.get_results(task["id"]))


def RPC_size(data: Any) -> Any:
    return len(data)


def ask_for(client: Any, data: Any, endpoint: str) -> Any:
    return client.request(endpoint)


def addresses(client: Any, data: Any) -> Any:
    task = client.create_new_task({"method": "size"}, [client.request("node/8")["id"]])
    return client.get_algorithm_addresses(task["id"])


def RPC_print_zero(data: Any) -> Any:
    print("a zero: \0")
    return "done"


def RPC_process(data: Any) -> Any:
    return os.getpid()
