"""The examples of docs/testing.md, run as they stand."""

import re
from pathlib import Path
from typing import get_args

import pytest

from tests.testing.test_plugin import run_pytest
from v6sim.sandbox.faults.catalog import DATA, WORK
from v6sim.server.faults import Kind

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
BLOCKS = re.findall(r"```python(?: (\S+))?\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_files_of_a_project_with_its_own_world_work(tmp_path) -> None:
    for name, text in BLOCKS:
        if name:
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
    assert "2 passed" in run_pytest(tmp_path)


@pytest.mark.parametrize("text", [text for name, text in BLOCKS if not name])
def test_an_example_on_the_built_in_world_works(tmp_path, text) -> None:
    (tmp_path / "test_it.py").write_text(text)
    assert f"{text.count('def test_')} passed" in run_pytest(tmp_path)


def test_every_fixture_and_option_is_on_the_page() -> None:
    folder = PAGE.parents[1] / "v6sim" / "testing"
    text = "".join((folder / name).read_text() for name in ("plugin.py", "faults.py"))
    names = re.findall(r"@pytest.fixture[^\n]*\ndef ([a-z]\w+)", text)
    names += re.findall(r"(--v6sim-[a-z-]+|v6sim_executor|v6sim_chaos\w*)", text)
    assert len(names) >= 10
    for name in names:
        assert name in PAGE.read_text()


def test_every_fault_has_an_example() -> None:
    examples = "".join(text for _, text in BLOCKS)
    faults = [f".{name}(" for name in ("offline", "comes_back", *WORK, *DATA)]
    for fault in [*faults, *(f'"{kind}"' for kind in get_args(Kind))]:
        assert fault in examples
