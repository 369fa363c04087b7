"""What commands of the documentation may take for granted, by the names in its marks."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.components import lacking
from tests.docs.page import ROOT
from tests.genuine.environments import CLIENTS
from tests.images import average_project
from v6sim.client import Client
from v6sim.wire.payload import serialize
from v6sim.world import write_example

if TYPE_CHECKING:
    from tests.docs.session import Session

IMAGE = "harbor2.vantage6.ai/demo/average"
MASTER = {"master": True, "method": "master", "kwargs": {"column_name": "age"}}
ROWS = "age,sex\n" + "".join(f"{age},{'mf'[age % 2]}\n" for age in range(31, 75))
LOGIN = """
from vantage6.client import Client
client = Client("http://127.0.0.1", 5000, "/api")
client.authenticate("researcher", "Researcher-1")
client.setup_encryption(None)
"""


def provide(name: str, session: "Session") -> None:
    """See to it that something is there."""
    if name.endswith(".csv"):
        path = session.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ROWS)
    else:
        _GIVEN[name](session)


def _package(session: "Session") -> None:
    """The folder `my-algorithm`: the example algorithm."""
    source, unwanted = ROOT / "algorithms" / "average", shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, session.folder / "my-algorithm", ignore=unwanted)


def _docker_project(session: "Session") -> None:
    """The folder `my-algorithm` for Docker, with a Dockerfile that pulls nothing."""
    average_project(session.folder / "my-algorithm")


def _world(session: "Session") -> None:
    """The folder `my-world`, as `v6sim world new my-world` makes it."""
    write_example(session.folder / "my-world")


def _federation(session: "Session") -> None:
    """`v6sim up` in another terminal, with one task that is done."""
    session.start("v6sim up")
    with Client(f"{session.url}/api", "researcher", "Researcher-1") as client:
        client.wait(client.submit(1, [2], IMAGE, serialize(MASTER)))


def _genuine_client(session: "Session") -> None:
    """A genuine client, `client`, that is logged in at a `v6sim up`."""
    session.start("v6sim up")
    session.python(LOGIN)


def genuine_python() -> Path:
    """The interpreter of the genuine client 3.7.3."""
    if not CLIENTS["3.7.3"].is_ready:
        lacking("the genuine client 3.7.3", "make genuine")
    return CLIENTS["3.7.3"].python


_GIVEN: dict[str, Callable[["Session"], None]] = {
    "my-algorithm": _package,
    "docker-project": _docker_project,
    "my-world": _world,
    "up": _federation,
    "client": _genuine_client,
}
