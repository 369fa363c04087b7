"""Socket.IO without what only its clients need."""

import subprocess
import sys

PROGRAM = """
import sys
from v6sim.wire.sockets import socketio
{more}
print(*[name in sys.modules for name in ("aiohttp.client", "requests.api", "aiohttp")])
"""


def loaded(more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(more=more)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_a_server_does_not_wait_for_the_libraries_of_clients() -> None:
    assert loaded("socketio.AsyncServer(async_mode='asgi')") == "False False False"


def test_a_client_that_uses_them_has_them() -> None:
    assert loaded("import engineio.async_client as a; a.aiohttp.ClientSession") == "True False True"


def test_others_import_them_as_ever() -> None:
    more = "import aiohttp, requests; assert aiohttp.ClientSession and requests.api.get"
    assert loaded(more) == "True True True"
