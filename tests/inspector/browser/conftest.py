"""A browser, a federation to look at, and somebody who does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.inspector.browser.looker import PATIENCE, Looker, browsing
from tests.inspector.conftest import OPERATOR
from v6sim import Sandbox

expect.set_options(timeout=PATIENCE)

SLOW = """
import pathlib, time

def master(client, data, gate):
    print("asking all", flush=True)
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    given = {"method": "part", "kwargs": {"gate": gate}}
    task = client.create_new_task(given, ids)
    while not client.get_task(task["id"])["complete"]:
        time.sleep(0.05)
    return {"parts": len(client.get_results(task_id=task["id"]))}

def RPC_part(data, gate):
    print("working <b>on</b> it", flush=True)
    while not pathlib.Path(gate).exists():
        time.sleep(0.02)
    print("the gate is open", flush=True)
    return {"count": 3, "ages": data["age"].tolist()}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module at most: its library keeps an event loop running, in the way of others."""
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox("manual") as box:
        yield box


@pytest.fixture
def box(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def looking(browser: Browser, box: Sandbox) -> Iterator[Callable[..., Looker]]:
    """Somebody at a browser, root by default; nothing may have been complained of at the end.

    OPERATOR is who follows the link with the secret, and None who does not log in.
    """
    lookers: list[Looker] = []

    def look(username: str | None = "root", password: str = "root", **options: Any) -> Looker:
        looker = Looker(browser, box.url, **options)
        lookers.append(looker)
        if username == OPERATOR:
            looker.open()
        elif username is not None:
            looker.log_in(username, password)
        return looker

    yield look
    for looker in lookers:
        looker.context.close()
        assert not looker.complaints
        assert all(url.startswith(box.url) for url in looker.asked)


@pytest.fixture
def slow(tmp_path: Path) -> tuple[Path, Path]:
    """A package that goes on once a file is there, and that file."""
    package = tmp_path / "slow.py"
    package.write_text(SLOW)
    return package, tmp_path / "gate"
