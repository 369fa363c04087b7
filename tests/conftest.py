"""What many tests need: a server in this process, and people who call it."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import settings

from tests.databases import drop_all, new_database
from v6sim.server.app import Server
from v6sim.server.clock import Clock
from v6sim.server.settings import Settings
from v6sim.world import World

PASSWORDS = {
    "root": "root",
    "researcher": "Researcher-1",
    "organization_admin": "Organization-Admin-1",
    "collaboration_admin": "Collaboration-Admin-1",
    "viewer": "Viewer-1",
    "researcher2": "Researcher-2",
}
API_KEYS = [f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3)]


def pytest_configure() -> None:
    """Tests are deterministic, and can be interrupted.

    Where they run in the background, as of a shell, ctrl-C is ignored, and so it would be in the
    programs that they start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.register_profile("same", derandomize=True)
    if "V6SIM_EXAMPLES" not in os.environ:  # then the examples are new ones each time
        settings.load_profile("same")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are processors: for a third of the time tests only wait."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def _databases() -> Iterator[None]:
    """The programs that tests start keep to their own default."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("V6SIM_DATABASE_URL", raising=False)
        yield
    drop_all()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_server(clock: Clock) -> Iterator[Callable[..., Server]]:
    """Make a server of the built-in manual world, with other settings."""
    made: list[Server] = []

    def make(**settings: Any) -> Server:
        server = Server(
            Settings.of({}, **{"hold_seconds": 0, "database_url": new_database(), **settings}),
            World.load("manual"),
            clock,
        )
        made.append(server)
        return server

    yield make
    for server in made:
        server.core.store.engine.dispose()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    return make_server()


class Caller:
    """Somebody who calls a server."""

    def __init__(self, http: httpx.AsyncClient, secret: str) -> None:
        self.http, self._secret = http, secret

    async def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Ask, and give the answer's body; whatever is no success is an error here."""
        response = await self.ask(method, path, body, **options)
        response.raise_for_status()
        return response.json()

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Ask, and give the answer as it is."""
        if body is not None:
            options["json"] = body
        return await self.http.request(method, path, **options)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask for what lies under `/_v6sim/`, with the secret, and give the answer's body."""
        response = await self.ask_control(method, path, body)
        response.raise_for_status()
        return response.json() if response.content else None

    async def ask_control(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> httpx.Response:
        """Ask for what lies under `/_v6sim/`, with the secret, and give the answer as it is."""
        headers = {"Authorization": f"Bearer {self._secret}", **options.pop("headers", {})}
        url = f"http://localhost/_v6sim{path}"
        return await self.ask(method, url, body, headers=headers, **options)


@pytest.fixture
async def calling(server: Server) -> AsyncIterator[Callable[..., Any]]:
    """Callers of the server: by username, by `node=1`, or nobody."""
    clients: list[httpx.AsyncClient] = []

    async def make(
        username: str | None = None, *, node: int | None = None, to: Server = server
    ) -> Caller:
        transport = httpx.ASGITransport(to.app, raise_app_exceptions=False, client=("127.0.0.1", 9))
        http = httpx.AsyncClient(transport=transport, base_url="http://localhost/api")
        clients.append(http)
        caller = Caller(http, to.secret)
        if node is not None:
            tokens = await caller("POST", "/token/node", {"api_key": API_KEYS[node - 1]})
        elif username is not None:
            login = {"username": username, "password": PASSWORDS[username]}
            tokens = await caller("POST", "/token/user", login)
        else:
            return caller
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return caller

    yield make
    for http in clients:
        await http.aclose()


def task_body(*organizations: int, **changes: Any) -> dict[str, Any]:
    """What makes a task at some organizations."""
    return {
        "collaboration_id": 1,
        "organizations": [{"id": key, "input": "aW5wdXQ="} for key in organizations],
        "image": "some/image",
        **changes,
    }
