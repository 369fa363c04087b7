"""Payloads that grow, on the pages of a running federation: others are answered meanwhile."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest
from sqlmodel import Session, col, select

from tests import bombs
from tests.commands import until
from tests.inspector.conftest import Reader
from tests.measured import measured
from v6sim import Sandbox
from v6sim.egress.entries import Origin
from v6sim.node.departures import Departure
from v6sim.runtime.secret_file import find_secret
from v6sim.server.store.tables import Run, Task
from v6sim.wire.payload import to_text

LONGEST_GAP = 2.0
"""Seconds that nobody else may have to wait, on a machine that is busy with other tests."""

SHOWN = {**bombs.CASES, **{name: bombs.ALL[name] for name in (
    "laughs of dicts", "a tuple of tuples as a key", "a list doubled by slices",
    "a memo of two billion", "numbers with one hash", "a signaling decimal", "deep lists",
    "a text of surrogates", "a long integer as a key", "one long name", "a table without columns",
    "a table without its content", "levels of a range", "deep arrays", "frames in frames",
    "names that are lists", "compressed nothing", "many empty arrays", "objects that are laughs",
)}}  # fmt: skip


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox("manual", executor="inline") as made:
        yield made


def authorization(box: Sandbox) -> dict[str, str]:
    """The header that shows the secret of a sandbox."""
    found = find_secret(box.url)
    assert found is not None
    return {"Authorization": f"Bearer {found.secret}"}


@pytest.fixture
def visitor(box: Sandbox) -> Iterator[httpx.Client]:
    """Root, logged in at the inspector."""
    with httpx.Client(base_url=f"{box.url}/_v6sim", timeout=60, trust_env=False) as http:
        found = re.search(r'name="token" value="(\w+)"', http.get("/ui/login").text)
        assert found
        form = {"token": found[1], "username": "root", "password": "root"}
        assert http.post("/ui/login", data=form).status_code == 303
        yield http


def put(box: Sandbox, content: bytes) -> int:
    """A run with a payload as its input and its result, which has left its node; gives its id."""

    def add() -> int:
        with Session(box._core.store.engine) as session:
            for kind in (Run, Task):
                for row in session.exec(select(kind).order_by(col(kind.id).desc())):
                    session.delete(row)
            session.flush()
            session.add(Task(id=1, name="large", collaboration_id=1, initiator_id=2))
            session.flush()
            run = Run(task_id=1, organization_id=2, status="completed", input=to_text(content))
            run.result = to_text(content)
            session.add(run)
            session.commit()
            return int(run.id or 0)

    key = box._thread.do(add)
    depart(box, content, key)
    return key


def depart(box: Sandbox, content: bytes, run: int, times: int = 1) -> None:
    ledger = box._federation.ledger
    ledger.clear()
    origin = Origin("node", "example_org1", "trial", {})
    for _ in range(times):
        for kind in ("result", "log"):
            ledger.note(Departure(1, run, kind, (2,), content, 1, None), origin)


@contextmanager
def beating(box: Sandbox) -> Iterator[Callable[[], float]]:
    """Measures how long the event loop of the server was held at most."""
    gaps, stop = [0.0], threading.Event()

    async def beat() -> None:
        last = time.perf_counter()
        while not stop.is_set():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gaps[0], last = max(gaps[0], now - last), now

    loop = box._thread._started.result()
    beats = asyncio.run_coroutine_threadsafe(beat(), loop)
    try:
        yield lambda: gaps[0]
    finally:
        stop.set()
        beats.result()


@pytest.mark.parametrize("name", SHOWN)
def test_pages_of_a_payload_that_grows_are_shown_and_hold_nobody_up(
    box: Sandbox, visitor: httpx.Client, name: str
) -> None:
    run = put(box, measured(SHOWN[name]).value)
    with beating(box) as longest:
        page = visitor.get(f"/ui/runs/{run}")
        part = visitor.get(f"/ui/egress?run={run}", headers={"hx-request": "true"})
        listing = visitor.get("/egress", headers=authorization(box))
    assert [each.status_code for each in (page, part, listing)] == [200, 200, 200]
    assert longest() < LONGEST_GAP
    assert len(page.content) < 500_000
    assert [row["what"] for row in listing.json()] == ["result", "log"]


@pytest.mark.parametrize("name", ["laughs-9x10", "laughs-40x2-tuples", "r-zeros", "range"])
def test_what_left_and_was_not_fully_checked_is_a_finding(
    box: Sandbox, visitor: httpx.Client, name: str
) -> None:
    run = put(box, measured(SHOWN[name]).value)
    said = visitor.get("/egress", params={"full": 1}, headers=authorization(box))
    result, _ = said.json()
    [finding] = [each for each in result["findings"] if each["rule"] == "not-fully-checked"]
    assert finding["text"].startswith("only a part of it was checked: stopped after 200,000 values")
    text = Reader(visitor.get(f"/ui/egress?run={run}").text).text
    assert "not-fully-checked" in text


def test_a_page_says_where_a_payload_stopped(box: Sandbox, visitor: httpx.Client) -> None:
    run = put(box, bombs.P(bombs.laughs(9, 10)))
    text = Reader(visitor.get(f"/ui/runs/{run}").text).text
    assert "It goes on: stopped after 50,000 characters." in text
    run = put(box, bombs.P([0] * 1_000_000))
    assert "stopped after" in Reader(visitor.get(f"/ui/runs/{run}").text).text


def workers_of(box: Sandbox) -> list[int]:
    return box._federation.serving.server.workers.process_ids


def fill_with_work(box: Sandbox) -> None:
    """Let so much leave that checking it takes until the time for it is over."""
    depart(box, bombs.P(bombs.laughs(9, 10)), 1, 200)


def ask_what_left(box: Sandbox, **query: Any) -> httpx.Response:
    """Ask for it with the secret."""
    url, headers = f"{box.url}/_v6sim/egress", authorization(box)
    return httpx.get(url, params=query, headers=headers, timeout=60)


def asking(box: Sandbox, outcome: list[Any]) -> threading.Thread:
    """Somebody who asks for what left."""

    def ask() -> None:
        try:
            outcome.append(ask_what_left(box).status_code)
        except httpx.HTTPError as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def is_working(process: int) -> bool:
    return psutil.pid_exists(process) and psutil.Process(process).cpu_times().user > 1.5


def test_nothing_goes_on_when_the_reader_has_gone() -> None:
    with Sandbox("manual", executor="inline") as box:
        fill_with_work(box)
        with asking_and_leaving(box):
            [process] = workers_of(box)
        until(lambda: not psutil.pid_exists(process))
        assert ask_what_left(box, task=99).json() == []


def asking_and_leaving(box: Sandbox) -> socket.socket:
    """A connection on which what left was asked for, once a worker is at it."""
    parts = httpx.URL(box.url)
    reader = socket.create_connection((parts.host, parts.port))
    shown = authorization(box)["Authorization"].encode()
    head = b"GET /_v6sim/egress HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n"
    reader.sendall(head % (parts.netloc, shown))
    until(lambda: any(map(is_working, workers_of(box))))
    return reader


def test_a_server_ends_soon_whatever_its_workers_are_at() -> None:
    outcome: list[Any] = []
    with Sandbox("manual", executor="inline") as box:
        fill_with_work(box)
        thread = asking(box, outcome)
        until(lambda: any(map(is_working, workers_of(box))))
        processes, begun = workers_of(box), time.monotonic()
    assert time.monotonic() - begun < 5
    assert not any(psutil.pid_exists(process) for process in processes)
    thread.join()
    assert outcome


def test_what_takes_too_long_together_is_told_in_part(box: Sandbox) -> None:
    fill_with_work(box)
    rows = ask_what_left(box).json()
    assert len(rows) == 400
    rules = [{each["rule"] for each in row["findings"]} for row in rows if row["what"] == "result"]
    assert all("not-fully-checked" in found for found in rules)
    assert "the time for all that left was over" in rows[-2]["problem"]
