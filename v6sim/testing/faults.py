"""The part of the pytest plugin that has parts of the sandbox misbehave (docs/testing.md)."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from v6sim.sandbox import Sandbox
    from v6sim.sandbox.faults.active import Chaos
    from v6sim.sandbox.faults.control import FaultControl


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line and of the ini file."""
    parser.getgroup("v6sim").addoption(
        "--v6sim-chaos-seed", type=int, help="What goes wrong in tests with the fixture `chaos`."
    )
    parser.addini("v6sim_chaos_seed", "The same in the ini file.", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """The marker, and whether the ini file is good."""
    _seed(config)
    config.addinivalue_line(
        "markers",
        "v6sim_chaos(seed, faults, kinds, within, longest): what the fixture `chaos` draws.",
    )


@pytest.fixture
def faults(sandbox: "Sandbox") -> "Iterator[FaultControl]":
    """Has the parts of `sandbox` misbehave until the end of the test."""
    yield sandbox.faults
    sandbox.faults.clear()


@pytest.fixture
def chaos(faults: "FaultControl", request: pytest.FixtureRequest) -> "Iterator[Chaos]":
    """Has `sandbox` misbehave by chance; the report of a failed test has the seed."""
    marker = request.node.get_closest_marker("v6sim_chaos")
    limits = {"seed": _seed(request.config), **(marker.kwargs if marker else {})}
    with faults.chaos(**limits) as chaos:
        yield chaos
        request.node.add_report_section("teardown", "v6sim", str(chaos))


def _seed(config: pytest.Config) -> int | None:
    """What the command line says, else the ini file, else nothing: then it is a new one."""
    given = config.getoption("--v6sim-chaos-seed")
    said = config.getini("v6sim_chaos_seed") if given is None else given
    if said in (None, ""):
        return None
    if not str(said).lstrip("-").isdecimal():
        raise pytest.UsageError(
            f"v6sim_chaos_seed = {said} in the ini file: a whole number is expected"
        )
    return int(said)
