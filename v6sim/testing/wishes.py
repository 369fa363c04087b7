"""How the tests want their federation: by marker, command line and ini file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from v6sim.runtime.extras import DOCKER

if TYPE_CHECKING:
    from pathlib import Path

    from v6sim.world import World

EXECUTORS = ("inline", "process", "docker")
MARKER = "v6sim"
_ARGUMENTS = ("world", "executor")
_HELP = {
    "world": "World of the fixture sandbox: a world file, or the name of a built-in world.",
    "executor": f"How algorithms run in sandboxes: {', '.join(EXECUTORS)}.",
    "url": "Address of a v6sim that runs already: the fixture sandbox then drives that one.",
    "token-file": "File with the secret of that v6sim, where it is another user's or elsewhere.",
}


@dataclass(frozen=True)
class Wish:
    """What a test wants; None where it does not care.

    Args:
        world: the world.
        executor: how algorithms run.
    """

    world: "World | str | Path | None" = None
    executor: str | None = None


def add_options(parser: pytest.Parser) -> None:
    """Say what can be said on the command line and in the ini file."""
    group = parser.getgroup("v6sim", "v6sim, a vantage6 federation for tests")
    for name, text in _HELP.items():
        known = EXECUTORS if name == "executor" else None
        group.addoption(f"--v6sim-{name}", choices=known, metavar=name.upper(), help=text)
        parser.addini(_in_ini(name), text, default=None)


def check_options(config: pytest.Config) -> None:
    """Make sure that what was said can be.

    Raises:
        pytest.UsageError: it cannot.
    """
    executor, url = option(config, "executor"), option(config, "url")
    if executor is not None and executor not in EXECUTORS:
        from v6sim.world.nearest import choices

        raise pytest.UsageError(
            f"v6sim_executor = {executor} in the ini file: there is no such executor; "
            f"{choices(executor, EXECUTORS)}"
        )
    if executor == "docker" and not DOCKER.is_installed:
        raise pytest.UsageError(f"--v6sim-executor docker: {DOCKER.lack}")
    if url is None:
        return
    if not url.startswith(("http://", "https://")):
        raise pytest.UsageError(
            f"--v6sim-url {url}: expected an address such as http://127.0.0.1:5000, as `v6sim up` "
            "says it"
        )
    if executor is not None:
        raise pytest.UsageError(
            f"--v6sim-executor {executor} and --v6sim-url: a v6sim that runs already has its own; "
            "leave out one of them"
        )
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(
            "-n and --v6sim-url: the tests of one worker would reset the federation under those "
            "of another; leave out one of them"
        )


def option(config: pytest.Config, name: str) -> str | None:
    """What the command line says, else the ini file, else nothing."""
    said = config.getoption(f"--v6sim-{name}") or config.getini(_in_ini(name)) or None
    return None if said is None else str(said)


def _in_ini(name: str) -> str:
    """What an option is called in the ini file."""
    return f"v6sim_{name.replace('-', '_')}"


def default_world(config: pytest.Config) -> "str | Path":
    """The world that the command line or the ini file names, else the built-in `manual`."""
    from pathlib import Path

    if said := config.getoption("--v6sim-world"):
        return str(said)
    said = config.getini("v6sim_world")
    if not said:
        return "manual"
    beside = (config.inipath.parent if config.inipath else config.rootpath) / str(said)
    return Path(beside) if beside.exists() else str(said)


def wish_of(node: pytest.Item) -> Wish:
    """What the markers of a test say; the closest one counts.

    Raises:
        pytest.UsageError: a marker says what cannot be.
    """
    said: dict[str, Any] = {}
    for mark in node.iter_markers(MARKER):
        for problem in _problems(mark):
            raise pytest.UsageError(f"{node.nodeid}: @pytest.mark.{MARKER}: {problem}")
        said = {**mark.kwargs, **said}
    return Wish(_beside(node, said.get("world")), said.get("executor"))


def _problems(mark: pytest.Mark) -> Iterator[str]:
    from v6sim.world.nearest import choices

    if mark.args:
        yield f"{mark.args[0]!r} has no name; say world={mark.args[0]!r}"
    for name in mark.kwargs:
        if name not in _ARGUMENTS:
            yield f"there is no {name}=; {choices(name, _ARGUMENTS)}"
    executor = mark.kwargs.get("executor")
    if executor is not None and executor not in EXECUTORS:
        yield f"there is no executor {executor!r}; {choices(str(executor), EXECUTORS)}"


def _beside(node: pytest.Item, world: Any) -> Any:
    """A relative path counts from the folder of the test."""
    if isinstance(world, str):
        beside = node.path.parent / world
        return beside if beside.is_file() else world
    return world
