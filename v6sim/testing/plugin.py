"""The pytest plugin: a federation as a fixture.

def test_the_average(sandbox):
with sandbox.client("researcher") as researcher:
...
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from v6sim.sandbox import Sandbox
    from v6sim.world import World

Factory = Callable[..., "Sandbox"]


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
    """Makes running sandboxes, with the arguments of `v6sim.Sandbox`; all end with the session."""
    executor = pytestconfig.getoption("--v6sim-executor") or pytestconfig.getini("v6sim_executor")
    with ExitStack() as stack:

        def make(world: "World | str | Path" = "manual", **options: Any) -> "Sandbox":
            from v6sim.sandbox import Sandbox

            options.setdefault("executor", executor or None)
            return stack.enter_context(Sandbox(world, **options))

        yield make


@pytest.fixture(scope="session")
def _running_sandbox(sandbox_factory: Factory, v6sim_world: "World | str | Path") -> "Sandbox":
    return sandbox_factory(v6sim_world)


@pytest.fixture
def sandbox(_running_sandbox: "Sandbox") -> "Sandbox":
    """A running federation, in its starting world; started once a session, reset for each test."""
    _running_sandbox.reset()
    return _running_sandbox
