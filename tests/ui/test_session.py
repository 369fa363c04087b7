"""One session at the UI, from the login to the end, with its calls in the order they have there."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.commands import running
from tests.ui.browser import Browser
from tests.ui.forms import ARGUMENTS, PARTIAL, finished, task_form
from tests.ui.live import listening
from tests.ui.shown import show, show_all
from v6sim.control_client import ControlClient


@pytest.fixture
def lone_up() -> Iterator[str]:
    """A federation that nobody else talks to."""
    with running("up", "--port", "0") as (_, address):
        yield address


async def load(browser: Browser) -> dict[str, Any]:
    """What every reload of the page asks for; some of it twice."""
    seen: dict[str, Any] = {}
    for _ in range(2):
        for kind in ("rule", "role"):
            seen[kind] = show_all(kind, await browser.get(kind))
        seen["user"] = show("user", await browser.get(f"user/{browser.user_id}"))
    for kind in ("organization", "node", "collaboration"):
        seen[kind] = show_all(kind, await browser.get(kind))
    return seen


async def open_tasks(browser: Browser, seen: dict[str, Any]) -> None:
    """The page of all tasks."""
    show_all("user", await browser.get("user"))
    for collaboration in seen["collaboration"]:
        show_all("task", await browser.get("task", collaboration_id=collaboration["id"]))


async def test_a_session_from_the_login_to_a_task_that_is_done(lone_up, opened) -> None:
    browser = await opened(lone_up)
    await browser.log_in("collaboration_admin", "Collaboration-Admin-1")
    async with listening(browser) as live:
        seen = await load(browser)
        await open_tasks(browser, seen)
        show("collaboration", await browser.get("collaboration/1"))  # for the form
        made = await browser.post("task", task_form({**PARTIAL, **ARGUMENTS}, 2), 201)
        await live.hears("task_created", task_id=made["id"])
        show("task", await browser.get(f"task/{made['id']}"))
        await finished(browser, live, made["id"])
        await open_tasks(browser, await load(browser))
    me = f"/user/{browser.user_id}"
    reloaded = [*2 * ["/rule", "/role", me], "/organization", "/node", "/collaboration"]
    page = ["/user", "/task"]
    form = ["/collaboration/1", "/task", "/task/1", "/task/1/result", "/task/1", "/result/1"]
    assert await asked(browser) == [*reloaded, *page, *form, *reloaded, *page]


async def asked(browser: Browser) -> list[str]:
    """What somebody who is logged in has asked for, as the server has taken it down."""
    with ControlClient(browser.server_url) as control:
        journal = control.ask("GET", "/journal")
    return [each["path"] for each in journal if each["kind"] == "user"]
