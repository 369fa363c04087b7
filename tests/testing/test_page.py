"""The examples of docs/testing.md, run as they stand."""

import re
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import pytest

from tests.commands import running
from tests.components import lacking
from tests.genuine.environments import BESIDE
from tests.testing.test_plugin import run_pytest
from v6sim.runtime.secret_file import find_secret
from v6sim.sandbox.faults.catalog import DATA, WORK
from v6sim.server.faults import Kind

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
TEXT = PAGE.read_text()
BLOCKS = re.findall(r'```python(?: title="(\S+)")?\n(.*?)```', TEXT, re.DOTALL)
PLAIN = [text for name, text in BLOCKS if not name]
[ON_ONE_THAT_RUNS] = [text for name, text in BLOCKS if name == "test_on_one_that_runs.py"]
COMMANDS = re.findall(r"^pytest (.*?)(?: +#.*)?$", TEXT, re.MULTILINE)
WORKS = "def test_it(sandbox):\n    assert sandbox.world\n"


def name_of(text: str) -> str:
    found: list[str] = re.findall(r"def (test_\w+)", text)
    return found[0]


def test_the_files_of_a_project_with_its_own_world_work(tmp_path) -> None:
    for name, text in BLOCKS:
        if name and text != ON_ONE_THAT_RUNS:
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
    assert "2 passed" in run_pytest(tmp_path)


@pytest.mark.parametrize("text", PLAIN, ids=name_of)
def test_an_example_on_the_built_in_world_works(tmp_path, text) -> None:
    (tmp_path / "test_it.py").write_text(text)
    genuine = "sandbox.client(" in text
    if genuine and not BESIDE.is_ready:
        lacking("the genuine client beside v6sim", "make genuine")
    said = run_pytest(tmp_path, python=BESIDE.python if genuine else None)
    assert f"{text.count('def test_')} passed" in said, said


@pytest.fixture(scope="module")
def running_one():
    with running("up", "--port", "0") as (_, address):
        yield f"http://{urlsplit(address).netloc}"


def test_the_example_on_a_v6sim_that_runs_already_works(tmp_path, running_one) -> None:
    (tmp_path / "test_it.py").write_text(ON_ONE_THAT_RUNS)
    assert "2 passed" in run_pytest(tmp_path, "--v6sim-url", running_one)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works(tmp_path, command, running_one) -> None:
    (tmp_path / "test_it.py").write_text(WORKS)
    secret = find_secret(running_one)
    assert secret is not None
    (tmp_path / "control-token").write_text(f"{secret.secret}\n")
    options = re.sub(r"http://\S+", running_one, command).split()
    assert "1 passed" in run_pytest(tmp_path, *options)


def test_the_ini_file_works(tmp_path) -> None:
    [ini] = re.findall(r"```ini\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "pytest.ini").write_text(ini)
    (tmp_path / "test_it.py").write_text(WORKS)
    assert "1 passed" in run_pytest(tmp_path)


def test_every_fixture_option_and_key_is_on_the_page() -> None:
    testing = PAGE.parents[1] / "v6sim" / "testing"
    text = "".join((testing / name).read_text() for name in ("plugin.py", "faults.py"))
    names = re.findall(r"@pytest.fixture[^\n]*\ndef ([a-z]\w+)", text)
    assert names == [
        "v6sim_world", "v6sim_address", "sandbox_factory", "sandbox", "faults", "chaos",
    ]  # fmt: skip
    names += ["--v6sim-chaos-seed", "v6sim_chaos_seed", "v6sim_chaos"]
    names += [f"--v6sim-{each}" for each in ("world", "executor", "url", "token-file")]
    names += [f"v6sim_{each}" for each in ("world", "executor", "url", "token_file")]
    for name in names:
        assert name in TEXT, name


def test_every_fault_has_an_example() -> None:
    examples = "".join(text for _, text in BLOCKS)
    faults = [f".{name}(" for name in ("offline", "comes_back", *WORK, *DATA)]
    for fault in [*faults, *(f'"{kind}"' for kind in get_args(Kind))]:
        assert fault in examples
