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
from v6sim.testing import NodesNotStarted


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


OF_PYTEST = ("PYTEST", "CI", "BUILD_NUMBER")


def run_pytest(folder: Path, *options: str, python: Path | None = None) -> str:
    """What pytest says in a folder that knows nothing of this project but that it is installed."""
    command = [
        str(python or sys.executable),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *options,
    ]
    # Under CI pytest says whole lines where it cuts them elsewhere.
    clean = {key: value for key, value in os.environ.items() if not key.startswith(OF_PYTEST)}
    clean["PYTHONPATH"] = str(Path(__file__).parents[2])  # what is tested is what is here
    said = subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, timeout=4 * PATIENCE,
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


MARKED = """
import pytest

pytestmark = pytest.mark.v6sim(world="empty")


def test_the_module_says_which_world(sandbox):
    assert sandbox.world.organizations == []


@pytest.mark.v6sim(world="here.yaml", executor="inline")
def test_the_closest_marker_counts_and_a_path_from_here(sandbox):
    assert [each.name for each in sandbox.world.organizations] == ["north"]
    assert sandbox._federation._executor_name == "inline"


@pytest.mark.v6sim(executor="inline")
def test_what_it_does_not_say_another_one_says(sandbox):
    assert sandbox.world.organizations == []
"""
LIMITED = """
import threading
import pytest


@pytest.fixture
def v6sim_world(n):
    from v6sim import World
    return World.of({"organizations": [{"name": f"o{n}"}]})


@pytest.mark.parametrize("n", range(7))
def test_a_world_for_each_test(sandbox, n):
    assert sandbox.world.organizations[0].name == f"o{n}"
    assert len([each for each in threading.enumerate() if each.name == "sandbox"]) <= 4
"""


def test_markers_say_world_and_executor(tmp_path) -> None:
    (tmp_path / "here.yaml").write_text("organizations: [{name: north}]\n")
    assert "3 passed" in suite(tmp_path, MARKED, "--strict-markers")


def test_worlds_of_many_tests_do_not_pile_up(tmp_path) -> None:
    assert "7 passed" in suite(tmp_path, LIMITED)


WRONG_USES = {
    "@pytest.mark.v6sim('empty')": "'empty' has no name; say world='empty'",
    "@pytest.mark.v6sim(wrld='empty')": "there is no wrld=; did you mean 'world'?",
    "@pytest.mark.v6sim(executor='inlin')": "there is no executor 'inlin'; did you mean 'inline'?",
    "@pytest.mark.v6sim(world='emty')": "emty: there is no such file, and no built-in world",
    "@pytest.mark.v6sim(world='gone.yaml')": "gone.yaml: there is no such file",
    "@pytest.mark.v6sim(world=7)": "world is 7: a World, the path of a world file",
    "@pytest.mark.v6sim(world=['a'])": "tables go to sandbox_factory(data=...)",
}


def test_wrong_markers_are_told(tmp_path) -> None:
    tests = [
        f"{marker}\ndef test_{number}(sandbox):\n    pass\n"
        for number, marker in enumerate(WRONG_USES)
    ]
    said = suite(tmp_path, "import pytest\n\n" + "\n".join(tests))
    assert f"{len(WRONG_USES)} errors" in said
    for expected in WRONG_USES.values():
        assert expected in said


MISTAKEN = """
def ask(sandbox):
    sandbox.run("gone", "master")


def test_it(sandbox):
    ask(sandbox)
"""


def test_an_error_is_shown_at_the_line_of_the_test_without_our_source(tmp_path) -> None:
    said = suite(tmp_path, MISTAKEN)
    assert ">       ask(sandbox)" in said
    assert "UnknownName: 'gone' is no image name of the world" in said
    assert ": UnknownName\n" in said.split("test_it.py:3")[-1]
    assert "orders.py" not in said
    assert "orders.py" in suite(tmp_path, MISTAKEN, "--full-trace")


def test_an_error_of_a_fixture_is_told_once(tmp_path) -> None:
    wrong = (
        "import pytest\n\n@pytest.mark.v6sim(world='gone.yaml')\ndef test_it(sandbox):\n    pass\n"
    )
    said = suite(tmp_path, wrong)
    assert said.count("of the fixture sandbox: gone.yaml: there is no such file") == 1
    assert "During handling" not in said


WRONG_FIXTURES = {
    "def test_1(sandbx):\n    pass": "fixture 'sandbx' not found",
    "def test_2(v6sim_address):\n    pass": "start one with `v6sim up`, and say pytest --v6sim-url",
    "@pytest.fixture(scope='session')\ndef wide(sandbox):\n    pass\n\n"
    "def test_3(wide):\n    pass": "ScopeMismatch",
    "class Test4:\n    @pytest.fixture\n    def v6sim_world(self):\n        return {}\n\n"
    "    def test_it(self, sandbox):\n        pass": "make it a world with World.of(...)",
    "class Test5:\n    @pytest.fixture\n    def v6sim_world(self):\n        pass\n\n"
    "    def test_it(self, sandbox):\n        pass": "world is None: a World, the path",
}


def test_wrong_fixtures_are_told(tmp_path) -> None:
    said = suite(tmp_path, "import pytest\n\n" + "\n\n".join(WRONG_FIXTURES))
    assert f"{len(WRONG_FIXTURES)} errors" in said
    for expected in WRONG_FIXTURES.values():
        assert expected in said


WRONG_OPTIONS = [
    (["--v6sim-executor", "inlin"], "", "argument --v6sim-executor: invalid choice: 'inlin'"),
    (["--v6sim-url", "5000"], "", "--v6sim-url 5000: expected an address such as http://"),
    (
        ["--v6sim-url", "http://127.0.0.1:1", "--v6sim-executor", "inline"], "",
        "a v6sim that runs already has its own; leave out one of them",
    ),
    (["--v6sim-url", "http://127.0.0.1:1", "-n", "2"], "", "would reset the federation under"),
    (["--v6sim-url", "http://127.0.0.1:1"], "", "no v6sim answers at http://127.0.0.1:1"),
    (["--v6sim-world", "manul"], "", "of this name; did you mean 'manual'?"),
    ([], "v6sim_executor = inlin", "v6sim_executor = inlin in the ini file: there is no such"),
    ([], "v6sim_world = gone.yaml", "gone.yaml: there is no such file"),
    ([], "v6sim_url = http//x", "--v6sim-url http//x: expected an address"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "ini", "expected"), WRONG_OPTIONS)
def test_wrong_options_are_told(tmp_path, options, ini, expected) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    said = suite(tmp_path, "def test_it(sandbox):\n    pass\n", *options)
    assert expected in said
    assert "1 passed" not in said


IMPORTS = """
import pytest
from vantage6.client import ContainerClient
from vantage6.common import info
from vantage6.tools.mock_client import ClientMockProtocol
from vantage6.tools.util import warn

import my_package


def test_it(sandbox):
    assert my_package.RPC_rows([1, 2]) == 2
    assert set(sandbox.run(my_package, "rows").results.values()) == {4}


def test_the_mock_is_ours(tmp_path):
    (tmp_path / "a.csv").write_text("a\\n1\\n")
    client = ClientMockProtocol(datasets=[str(tmp_path / "a.csv")], module="my_package")
    task = client.create_new_task({"method": "rows"}, organization_ids=[0])
    assert client.get_results(task["id"]) == [1]

"""


def test_an_algorithm_can_be_imported_without_a_library_of_vantage6(tmp_path) -> None:
    (tmp_path / "my_package.py").write_text(
        "from vantage6.tools.util import info\n\n\n"
        "def RPC_rows(data):\n    info('counts')\n    return len(data)\n"
    )
    (tmp_path / "conftest.py").write_text("import my_package\n")
    for options in ((), ("-n", "2")):
        said = suite(tmp_path, IMPORTS, *options)
        assert "2 passed" in said
