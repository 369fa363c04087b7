"""The pytest plugin: a federation as a fixture (docs/testing.md).

def test_the_average(sandbox):
    assert sandbox.run("harbor2.vantage6.ai/demo/average", "master", kwargs=...).result == ...
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from v6sim import garbage
from v6sim.testing import debugging, stand_ins, tracebacks, wishes
from v6sim.testing.federations import Federations, SandboxFactory
from v6sim.testing.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from v6sim.sandbox import AnySandbox
    from v6sim.world import World

_SECONDS_TO_END = 4.0  # that a sandbox gets after ctrl-C

pytest_plugins = ("v6sim.testing.faults",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line and of the ini file."""
    wishes.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Let the first conftest, too, import algorithms without a library of vantage6."""
    stand_ins.offer()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and see whether the options can be."""
    stand_ins.offer()
    text = "world and executor of the fixture sandbox of v6sim"
    config.addinivalue_line("markers", f"{wishes.MARKER}(world=..., executor=...): {text}")
    wishes.check_options(config)


def pytest_keyboard_interrupt() -> None:
    """Have sandboxes end soon, or be left as they are: the guardian removes what they have."""
    if thread := sys.modules.get("v6sim.sandbox.thread"):
        thread.haste.begin(_SECONDS_TO_END)


def pytest_unconfigure() -> None:
    """End soon."""
    if garbage.is_spared():
        garbage.spare_all()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> None:
    """Show an error of v6sim's where the test made it, without v6sim's own source."""
    if call.excinfo is not None and not item.config.getoption("fulltrace"):
        tracebacks.end_at_the_users(call.excinfo)


def pytest_enter_pdb(config: pytest.Config) -> None:
    """One debugger at a time, which sees the terminal even if another has just let go of it."""
    debugging.enter(config)


def pytest_leave_pdb() -> None:
    """The next one, if any."""
    debugging.leave()


@pytest.fixture(scope="session")
def v6sim_world(pytestconfig: pytest.Config) -> "World | str | Path":
    """The world of `sandbox`: override it with a world, a file, or the name of a built-in one."""
    return wishes.default_world(pytestconfig)


@pytest.fixture(scope="session")
def v6sim_address(pytestconfig: pytest.Config) -> str:
    """The address of a v6sim that runs already, as --v6sim-url says."""
    url = wishes.option(pytestconfig, "url")
    if url is None:
        pytest.fail(
            "v6sim_address is the address of a v6sim that runs already: start one with `v6sim up`, "
            "and say pytest --v6sim-url http://127.0.0.1:5000; without one, sandbox.url is the "
            "address of the sandbox",
            pytrace=False,
        )
    return url


@pytest.fixture(scope="session")
def sandbox_factory(pytestconfig: pytest.Config) -> "Iterator[SandboxFactory]":
    """Makes running sandboxes, with the arguments of `v6sim.Sandbox`; all end with the session.

    With `data=` it makes a federation of one organization for each table: data frames, lists of
    dicts or paths, by name or as a list.

    What it makes raises NodesNotStarted where a node of the world did not start.
    """
    guard = Guard()
    with SandboxFactory(wishes.option(pytestconfig, "executor"), guard) as factory:
        yield factory
    guard.end()


@pytest.fixture(scope="session")
def _v6sim_running(sandbox_factory: "SandboxFactory") -> "Iterator[Federations]":
    with Federations(sandbox_factory) as running:
        yield running


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> "AnySandbox":
    """A running federation, in its starting world; started once a session, reset for each test."""
    from v6sim.control_client import CannotReach
    from v6sim.node.errors import EngineAway
    from v6sim.runtime.extras import MissingLibrary
    from v6sim.sandbox import WrongArgument
    from v6sim.sandbox.arguments import check_world
    from v6sim.world import WorldError

    wish = _wish(request)
    world = wish.world if wish.world is not None else request.getfixturevalue("v6sim_world")
    problem = ""
    try:
        check_world(world)
        if wishes.option(request.config, "url"):
            box = _elsewhere(request, world, wish.executor)
        else:
            running: Federations = request.getfixturevalue("_v6sim_running")
            box = running.get(world, wish.executor)
    except (WorldError, WrongArgument, CannotReach) as error:
        problem = f"the world of the fixture sandbox: {error}"
    except (EngineAway, MissingLibrary) as error:
        problem = str(error)
    if problem:  # out here, the report does not show it as the error of an error
        pytest.fail(problem, pytrace=False)
    box.reset()
    return box


def _wish(request: pytest.FixtureRequest) -> wishes.Wish:
    problem = ""
    try:
        return wishes.wish_of(request.node)
    except pytest.UsageError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)


def _elsewhere(
    request: pytest.FixtureRequest, world: "World | str | Path", executor: str | None
) -> "AnySandbox":
    """What drives the v6sim that runs already."""
    from v6sim.sandbox import RunningSandbox, WrongArgument

    if executor is not None:
        raise WrongArgument(
            f"@pytest.mark.v6sim(executor={executor!r}) and --v6sim-url: a v6sim that runs already "
            "has its own executor"
        )
    file = wishes.option(request.config, "token-file")
    secret = None if file is None else _secret_in(Path(file))
    address = request.getfixturevalue("v6sim_address")
    return RunningSandbox(address, world, control_token=secret)


def _secret_in(file: "Path") -> str:
    from v6sim.control_client import CannotReach

    try:
        return file.expanduser().read_text("utf-8").strip()
    except OSError as error:
        raise CannotReach(f"--v6sim-token-file {file}: {error.strerror}") from None
