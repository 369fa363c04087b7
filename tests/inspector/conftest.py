"""Servers with an inspector, and those who look at it without a browser."""

import re
from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from tests.conftest import PASSWORDS
from v6sim.inspector import install
from v6sim.server.app import Server

HERE = "http://localhost:5000"
OPERATOR = "operator"
"""Who has opened the inspector by the secret of its server."""


class Reader(HTMLParser):
    """Reads a page as browsers do.

    Args:
        text: the page.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """What is to be read on it."""
        return " ".join(" ".join(self.words).split())


def is_asked_to_log_in(response: httpx.Response) -> bool:
    """Whether an answer leads to the log-in."""
    return str(response.headers.get("location")).startswith("/_v6sim/ui/login")


class Visit:
    """Somebody who looks at pages, with the cookies that they got."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.token = ""

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """A page below that of the inspector, such as `/ui/tasks`."""
        response = await self.http.get(f"/_v6sim{path}", **options)
        if found := re.search(r'name="token" value="(\w+)"', response.text):
            self.token = found[1]
        return response

    async def read(self, path: str) -> str:
        """What is to be read on a page."""
        response = await self.get(path)
        assert response.status_code == 200, response.text
        return Reader(response.text).text

    async def post(self, page: str, /, *, headers: Any = None, **form: str) -> httpx.Response:
        """Send a form, with the token of the page that was seen last."""
        return await self.http.post(
            f"/_v6sim{page}", data={"token": self.token, **form}, headers=headers
        )

    async def log_in(self, username: str, password: str = "", **form: str) -> httpx.Response:
        """Log in as a user of the world."""
        await self.get("/ui/login")
        password = password or PASSWORDS[username]
        response = await self.post("/ui/login", username=username, password=password, **form)
        if response.status_code == 303:
            await self.get("/ui/what-if")
        return response

    async def open(self, secret: str) -> httpx.Response:
        """Follow the link with a secret in it."""
        response = await self.get("/ui/open", params={"secret": secret})
        if response.status_code == 200:
            await self.get("/ui/what-if")
        return response


@pytest.fixture
async def visiting(server: Server) -> AsyncIterator[Callable[..., Any]]:
    """Visitors of a server's inspector: users by their names, the operator, or nobody."""
    clients: list[httpx.AsyncClient] = []

    async def make(
        username: str | None = None, *, to: Server = server, url: str = HERE,
        client: str = "127.0.0.1", headers: dict[str, str] | None = None,
    ) -> Visit:  # fmt: skip
        if to.front.pages is None:
            install(to)
        transport = httpx.ASGITransport(to.app, client=(client, 9))
        http = httpx.AsyncClient(transport=transport, base_url=url, headers=headers)
        clients.append(http)
        visit = Visit(http)
        if username == OPERATOR:
            assert (await visit.open(to.secret)).status_code == 200
        elif username is not None:
            assert (await visit.log_in(username)).status_code == 303
        return visit

    yield make
    for http in clients:
        await http.aclose()
