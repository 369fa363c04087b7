"""Requests: how many in a second, and how long each takes."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx

from tests.bench.figures import Figures
from tests.bench.load import Load
from tests.bench.programs import process

LOGIN = {"username": "researcher", "password": "Researcher-1"}
TASK = {
    "name": "bench", "image": "some/image", "collaboration_id": 1,
    "organizations": [{"id": 2, "input": "aW5wdXQ="}, {"id": 3, "input": "aW5wdXQ="}],
}  # fmt: skip
CONNECTIONS = (1, 16)
PAGE = "/task?page=1&per_page=10"
NEW = "&asked={n}"  # in a query: such a list was never asked for before, and is made anew
SIZES = (100, 1_000, 10_000)


@contextmanager
def _server() -> Iterator[tuple[str, str]]:
    """A server in a process of its own: where its API is, and a token for it."""
    with process("server", "--port", "0", V6SIM_HOLD_SECONDS="0") as (_, address, _):
        answer = httpx.post(f"{address}/token/user", json=LOGIN).raise_for_status()
        yield address, answer.json()["access_token"]


def requests(figures: Figures) -> None:
    """Logins, lists, single things, new tasks: over one connection, and over many."""
    with _server() as (address, token):
        Load(f"{address}/task", "POST", TASK, token, most=100).put()
        loads = {
            "login": Load(f"{address}/token/user", "POST", LOGIN),
            "a page of tasks": Load(address + PAGE, token=token),
            "a page of tasks, made anew": Load(address + PAGE + NEW, token=token),
            "one task": Load(f"{address}/task/1", token=token),
            "one organization": Load(f"{address}/organization/2", token=token),
            "a new task": Load(f"{address}/task", "POST", TASK, token),
        }
        for (name, load), connections in itertools.product(loads.items(), CONNECTIONS):
            figures.rate(name, connections, replace(load, connections=connections).put())


def lists(figures: Figures) -> None:
    """Lists of ever more tasks: a page takes the same however many there are."""
    with _server() as (address, token):
        made = 0
        for many in SIZES:
            more = Load(f"{address}/task", "POST", TASK, token, seconds=600, most=many - made)
            made += len(more.put().durations)
            for name, path in (("a page", PAGE), ("all", "/task?")):
                load = Load(address + path + NEW, token=token, most=200)
                figures.rate(f"{name} of {made:,} tasks", 1, load.put())
