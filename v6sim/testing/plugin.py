"""The pytest plugin: a federation as a fixture (docs/testing.md).

def test_the_average(sandbox):
    with sandbox.client("researcher") as researcher:
        ...
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from v6sim.sandbox import Sandbox
    from v6sim.world import World

Factory = Callable[..., "Sandbox"]

pytest_plugins = ("v6sim.testing.faults",)


class NodesNotStarted(Exception):
    """Nodes of a sandbox did not start, so that tasks for them would wait for ever.

    Args:
        failed: why, by the names of the nodes.
    """

    def __init__(self, failed: "Mapping[str, Exception]") -> None:
        reasons = "\n".join(f"  {name}: {why}" for name, why in failed.items())
        super().__init__(f"of the sandbox's nodes, these did not start:\n{reasons}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line and of the ini file."""
    group = parser.getgroup("v6sim")
    group.addoption(
        "--v6sim-executor", choices=["inline", "process"], help="How algorithms run in sandboxes."
    )
    parser.addini("v6sim_executor", "How algorithms run in sandboxes.", default=None)


@pytest.fixture(scope="session")
def v6sim_world() -> "World | str | Path":
    """The world of `sandbox`: override it with a world, a file, or the name of a built-in one."""
    return "manual"


@pytest.fixture(scope="session")
def sandbox_factory(pytestconfig: pytest.Config) -> Iterator[Factory]:
    """Makes running sandboxes, with the arguments of `v6sim.Sandbox`; all end with the session.

    With `data=` it makes a federation of one organization for each table: data frames, lists of
    dicts or paths, by name or as a list.

    What it makes raises NodesNotStarted where a node of the world did not start.
    """
    executor = _executor(pytestconfig)
    with ExitStack() as stack:

        def make(
            world: "World | str | Path" = "manual", *, data: Any = None, **options: Any
        ) -> "Sandbox":
            from v6sim.sandbox import Sandbox
            from v6sim.testing.data import world_of

            if data is not None:
                world = stack.enter_context(world_of(data))
            options.setdefault("executor", executor)
            box = stack.enter_context(Sandbox(world, **options))
            if box.failed:
                raise NodesNotStarted(box.failed)
            return box

        yield make


@pytest.fixture(scope="session")
def _running_sandbox(sandbox_factory: Factory, v6sim_world: "World | str | Path") -> "Sandbox":
    return sandbox_factory(v6sim_world)


@pytest.fixture
def sandbox(_running_sandbox: "Sandbox") -> "Sandbox":
    """A running federation, in its starting world; started once a session, reset for each test."""
    _running_sandbox.reset()
    return _running_sandbox


def _executor(config: pytest.Config) -> str | None:
    """What the command line says, else the ini file, else nothing: then it is up to the world."""
    executor = config.getoption("--v6sim-executor") or config.getini("v6sim_executor") or None
    if executor not in (None, "inline", "process"):
        raise pytest.UsageError(
            f"v6sim_executor = {executor} in the ini file: inline or process is expected"
        )
    return executor
