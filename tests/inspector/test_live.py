"""What browsers are told as it happens, and what happens to those that do not listen."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.conftest import PASSWORDS, task_body
from tests.inspector.conftest import OPERATOR
from v6sim.inspector import install
from v6sim.inspector.gate import Gate
from v6sim.inspector.live import Live
from v6sim.server.serving import Serving

PATIENCE = 20  # seconds


@pytest.fixture
async def serving(server) -> AsyncIterator[Serving]:
    install(server)
    async with Serving(server) as serving:
        yield serving


async def log_in(http: httpx.AsyncClient, username: str) -> str:
    """Log in; returns the token of forms."""
    token = re.compile(r'name="token" value="(\w+)"')
    page = await http.get("/_v6sim/ui/login")
    form = {
        "username": username,
        "password": PASSWORDS[username],
        "token": token.findall(page.text)[0],
    }
    response = await http.post("/_v6sim/ui/login", data=form)
    assert response.status_code == 303
    return str(token.findall((await http.get("/_v6sim/ui/what-if")).text)[0])


@pytest.fixture
async def http(serving) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=serving.url, timeout=PATIENCE) as http:
        yield http


async def until(lines: AsyncIterator[str], wanted: str) -> list[str]:
    """The lines up to one that has a text in it."""
    heard = []
    async with asyncio.timeout(PATIENCE):
        async for line in lines:
            heard.append(line)
            if wanted in line:
                return heard
    raise AssertionError(f"{wanted!r} was not said, but {heard}")


async def as_user(http: httpx.AsyncClient, username: str) -> dict[str, str]:
    login = {"username": username, "password": PASSWORDS[username]}
    tokens = (await http.post("/api/token/user", json=login)).json()
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def test_what_changes_is_told_by_its_name(http) -> None:
    await log_in(http, "root")
    bearer = await as_user(http, "researcher")
    async with http.stream("GET", "/_v6sim/ui/live") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        await until(lines, "from here on")
        await http.post("/api/task", json=task_body(2), headers=bearer)
        heard = await until(lines, "event: decisions")
        assert {"event: tasks", "event: federation", "event: journal"} <= set(heard)


async def test_who_does_not_see_all_is_not_told_of_all(http) -> None:
    await log_in(http, "viewer")
    bearer = await as_user(http, "researcher")
    async with http.stream("GET", "/_v6sim/ui/live") as stream:
        lines = stream.aiter_lines()
        await until(lines, "from here on")
        for _ in range(3):
            await http.post("/api/task", json=task_body(2), headers=bearer)
            heard = await until(lines, "event: federation")
            assert not {"event: journal", "event: decisions"} & set(heard)


async def test_a_log_comes_as_it_is_written_and_escaped(http, server) -> None:
    await log_in(http, "researcher")
    bearer = await as_user(http, "researcher")
    await http.post("/api/task", json=task_body(2), headers=bearer)
    server.core.logs.append(1, 1, "known already\n", 0)
    async with http.stream("GET", "/_v6sim/ui/live?run=1&from=14") as stream:
        lines = stream.aiter_lines()
        await until(lines, "from here on")
        server.core.logs.append(1, 1, "one\r\n\r<b>two</b>", 14)
        heard = await until(lines, "&lt;b&gt;two")
        assert "event: log" in heard
        assert "known" not in "".join(heard)
        assert heard[heard.index("data: <span>one") + 2] == "data: &lt;b&gt;two&lt;/b&gt;</span>"
    after = {"Last-Event-ID": "19"}  # who was cut off goes on where they were
    async with http.stream("GET", "/_v6sim/ui/live?run=1&from=14", headers=after) as stream:
        heard = await until(stream.aiter_lines(), "two")
        assert "one" not in "\n".join(heard)


async def test_a_log_is_told_to_those_alone_who_may_see_the_run(http, server, calling) -> None:
    root = await calling("root")
    made = {"name": "apart", "organization_ids": [1], "encrypted": 0}
    collaboration = await root("POST", "/collaboration", made)
    where = {"collaboration_id": collaboration["id"], "organization_id": 1}
    await root("POST", "/node", {**where, "name": "apart"})
    task = await root("POST", "/task", task_body(1, collaboration_id=collaboration["id"]))
    [run] = await root("GET", f"/task/{task['id']}/result")
    await log_in(http, "researcher")
    async with http.stream("GET", f"/_v6sim/ui/live?run={run['id']}") as stream:
        lines = stream.aiter_lines()
        await until(lines, "from here on")
        server.core.logs.append(run["id"], task["id"], "not for you", 0)
        await root("POST", "/task", task_body(1, collaboration_id=collaboration["id"]))
        heard = await until(lines, "event: federation")
        assert "not for you" not in "".join(heard)


async def test_the_stream_ends_with_the_session(http, serving) -> None:
    token = await log_in(http, "researcher")
    bearer = await as_user(http, "researcher")
    async with http.stream("GET", "/_v6sim/ui/live") as stream:
        lines = stream.aiter_lines()
        await until(lines, "from here on")
        await http.post("/_v6sim/ui/logout", data={"token": token})
        await http.post("/api/task", json=task_body(2), headers=bearer)
        async with asyncio.timeout(PATIENCE):
            assert not [line async for line in lines if line]
    assert (
        await http.get("/_v6sim/ui/live", headers={"Accept": "text/event-stream"})
    ).status_code == 401


async def test_a_server_that_stops_waits_for_no_browser(server) -> None:
    install(server)
    async with Serving(server) as serving, httpx.AsyncClient(base_url=serving.url) as http:
        await log_in(http, "root")
        async with http.stream("GET", "/_v6sim/ui/live") as stream:
            lines = stream.aiter_lines()
            await until(lines, "from here on")
            server.core.feeds.close()
            async with asyncio.timeout(PATIENCE):
                assert [line async for line in lines if line] == []


async def test_a_browser_that_does_not_listen_is_left_and_slows_nobody(server) -> None:
    gate = Gate(server)
    live = gate._house.live
    live.patience = 0.2
    server.front.pages = gate
    async with Serving(server) as serving, httpx.AsyncClient(base_url=serving.url) as http:
        await log_in(http, "researcher")
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        port = int(serving.url.rpartition(":")[2])
        browsers = [asyncio.create_task(stuck(gate, cookie, port)) for _ in range(5)]
        async with asyncio.timeout(PATIENCE):
            while live.browsers.total() < 5:
                assert (await http.get("/api/version")).is_success
            while live.browsers.total():
                assert (await http.get("/api/version")).is_success
            await asyncio.gather(*browsers)


async def stuck(gate: Gate, cookie: str, port: int) -> None:
    """A browser that takes the first words and no more."""
    scope = {
        "type": "http", "method": "GET", "path": "/_v6sim/ui/live", "query_string": b"",
        "headers": [(b"cookie", cookie.encode()), (b"host", f"127.0.0.1:{port}".encode())],
        "scheme": "http", "server": ("127.0.0.1", port), "client": ("127.0.0.1", 9),
    }  # fmt: skip

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    async def send(message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    await gate(scope, receive, send)


async def test_only_so_many_browsers_are_told(http, server, serving) -> None:
    await log_in(http, "root")
    gate = server.front.pages
    live: Live = gate._app._house.live
    for whose, told in ((3, 100), (1, 20)):  # others; or root, who asks
        live.browsers[whose] = told
        response = await http.get("/_v6sim/ui/live")
        assert response.status_code == 503
        live.browsers.clear()


async def test_users_leave_room_for_the_operator(server, visiting) -> None:
    operator = await visiting(OPERATOR)
    live: Live = server.front.pages._app._house.live
    live.browsers[3] = 100
    request = operator.http.build_request("GET", "/_v6sim/ui/live")
    answer = asyncio.create_task(operator.http.send(request, stream=True))
    while not live.browsers[0]:
        assert not answer.done()
        await asyncio.sleep(0)
    answer.cancel()
    live.browsers.clear()


async def test_however_much_happens_a_browser_is_told_once(server) -> None:
    """There is no queue: what is told depends on what is other than it was, not on how often."""
    live = Live(server)
    before = live.state()
    for _ in range(1000):
        server.core.journal.note(server.core.clock.now(), "GET", "/", "", None, 200, 0.0, b"")
    assert [name for name, value in live.state().items() if value != before[name]] == ["journal"]
