"""The pytest plugin, used as in somebody else's repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import PATIENCE

SUITE = """
from v6sim.wire.payload import serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}


def run(sandbox):
    with sandbox.own_client("researcher") as researcher:
        ticket = researcher.submit(1, [2], IMAGE, serialize(PARTIAL))
        return ticket.task_id, researcher.wait(ticket).runs[0].result


def test_a_sandbox_runs_an_algorithm(sandbox):
    assert run(sandbox) == (1, {"sum": 253, "count": 4})


def test_each_test_begins_in_the_starting_world(sandbox):
    assert run(sandbox) == (1, {"sum": 253, "count": 4})


def test_others_can_be_made_beside_it(sandbox, sandbox_factory):
    other = sandbox_factory("empty")
    assert other.url != sandbox.url
    assert other.nodes == []
"""
OWN_WORLD = """
import pytest
from v6sim import World

@pytest.fixture(scope="session")
def v6sim_world():
    return World.of({"organizations": [{"name": "mine"}]})

def test_the_world_is_mine(sandbox):
    assert [each.name for each in sandbox.world.organizations] == ["mine"]
"""


REFUSED = """
import pytest
from v6sim import World
from v6sim.keyring import write_private_key
from v6sim.testing.plugin import NodesNotStarted


def test_a_node_without_the_key_that_others_encrypt_for(sandbox_factory, tmp_path):
    public_key = str(write_private_key(tmp_path / "key.pem").public_key)
    world = World.of(
        {
            "organizations": [{"name": "a", "public_key": public_key}],
            "collaborations": [{"name": "c", "participants": [{"name": "a", "api_key": "k"}]}],
        }
    )
    with pytest.raises(NodesNotStarted, match="a - c Node: "):
        sandbox_factory(world)
"""


def suite(folder: Path, text: str, *options: str) -> str:
    (folder / "test_it.py").write_text(text)
    return run_pytest(folder, *options)


def run_pytest(folder: Path, *options: str) -> str:
    """What pytest says in a folder that knows nothing of this project but that it is installed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    said = subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    return said.stdout + said.stderr


@pytest.mark.parametrize("options", [[], ["--v6sim-executor", "inline"], ["-n", "2"]], ids=str)
def test_the_fixtures_work_out_of_the_box(tmp_path, options) -> None:
    assert "3 passed" in suite(tmp_path, SUITE, *options)


def test_the_ini_file_can_say_how_algorithms_run(tmp_path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nv6sim_executor = inline\n")
    assert "3 passed" in suite(tmp_path, SUITE)


def test_the_world_can_be_ones_own(tmp_path) -> None:
    assert "1 passed" in suite(tmp_path, OWN_WORLD)


def test_a_node_that_does_not_start_is_an_error(tmp_path) -> None:
    assert "1 passed" in suite(tmp_path, REFUSED)


def test_a_wrong_word_in_the_ini_file_is_told(tmp_path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nv6sim_executor = inlin\n")
    said = suite(tmp_path, SUITE)
    assert "v6sim_executor = inlin in the ini file: inline or process is expected" in said
