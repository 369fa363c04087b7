"""`v6sim up`, and people who open the UI."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.commands import running
from tests.ui.browser import Browser

Open = Callable[..., Awaitable[Browser]]
PASSWORDS = {
    "root": "root",
    "collaboration_admin": "Collaboration-Admin-1",
    "organization_admin": "Organization-Admin-1",
    "researcher": "Researcher-1",
    "viewer": "Viewer-1",
}


@pytest.fixture(scope="session")
def up() -> Iterator[str]:
    """The API of the built-in world."""
    with running("up", "--port", "0") as (_, address):
        yield address


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens the UI of a server; with a username, logged in."""
    async with AsyncExitStack() as stack:

        async def make(api_url: str, username: str = "") -> Browser:
            browser = await stack.enter_async_context(Browser(api_url))
            if username:
                await browser.log_in(username, PASSWORDS[username])
            return browser

        yield make


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[str]:
    """A server that wants a second factor, and whose tokens live for a second."""
    world = tmp_path / "world.yaml"
    world.write_text(
        "settings: {two_factor_auth: true, token_expires_hours: 0.0002}\n"
        "organizations:\n"
        "  - name: north\n"
        "    users: [{username: rosa, password: Rosa-1234, email: rosa@north.example, "
        "roles: [Researcher]}]\n"
    )
    with running("server", "--port", "0", "--world", world) as (_, address):
        yield address
