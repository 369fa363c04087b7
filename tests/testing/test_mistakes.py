"""Mistakes in the use of the harness: each is named, and leaves nothing running."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from v6sim import Sandbox, World, testing
from v6sim.sandbox import AnySandbox
from v6sim.testing import assert_called, assert_matrix, compare_with_pooled
from v6sim.testing.federations import SandboxFactory
from v6sim.testing.guard import Guard

TABLE = Path(__file__).with_name("mistakes.txt")
MISTAKES = [
    section.split("\n# ")[0].strip().splitlines()
    for section in TABLE.read_text().split("\n## ")[1:]
]
SLOW = "import time\n\n\ndef RPC_wait(data):\n    while True:\n        time.sleep(0.01)\n"


class NoGuard(Guard):
    """None is needed: these tests are no pytest of its own."""

    def begin(self, *, docker: bool) -> None:
        pass


def RPC_count(data: object) -> None:  # noqa: N802
    """A function that somebody gives in the place of its name."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    (made / "nothing").mkdir()
    (made / "rows.csv").write_text("age\n1\n")
    (made / "slow.py").write_text(SLOW)
    return made


@pytest.fixture(scope="module")
def running() -> Iterator[AnySandbox]:
    with Sandbox("manual", executor="inline") as box:
        yield box


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders of ours would be."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def said_of(mistake: str, names: dict[str, Any]) -> str:
    """The error that a line of Python raises, as its kind and the first line of its text."""
    with pytest.raises((Exception, pytest.fail.Exception)) as caught:
        eval(mistake, names)
    return f"{caught.typename}: {caught.value}"


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("mistake", MISTAKES, ids=[heading for heading, *_ in MISTAKES])
def test_a_mistake_is_named(mistake, running, folder, temporary) -> None:
    running.reset()
    code = mistake[1].replace("{folder}", str(folder))
    expected = [line[2:].replace("{folder}", str(folder)) for line in mistake if line[:2] == "> "]
    before = (threads(), children())
    with SandboxFactory("inline", NoGuard()) as factory:
        names = {
            "sandbox": running, "sandbox_factory": factory, "World": World, "testing": testing,
            "AVERAGE": "harbor2.vantage6.ai/demo/average", "AGE": {"column_name": "age"},
            "frame": pd.DataFrame({"age": [40, 50]}), "RPC_count": RPC_count,
            "assert_called": assert_called, "assert_matrix": assert_matrix,
            "compare_with_pooled": compare_with_pooled,
        }  # fmt: skip
        said = said_of(code, names).splitlines()
        assert threads() == before[0]
    running.reset()
    print("\n".join(said))
    for line in expected:
        assert any(fits(each, line) for each in said), said
    assert expected
    assert children() == before[1]
    assert list(temporary.glob("v6sim-*")) == []


def fits(said: str, expected: str) -> bool:
    """Whether a line is as expected; `...` stands for its rest."""
    begin, dots, _ = expected.partition("...")
    return said.startswith(begin) if dots else said == expected


def threads() -> list[str]:
    """The federations that run in this process."""
    return [each.name for each in threading.enumerate() if each.name == "sandbox"]


def children() -> set[int]:
    """The processes that this one has started."""
    return {each.pid for each in psutil.Process().children(recursive=True)}


def test_there_are_well_over_a_hundred() -> None:
    worlds = Path(__file__).parents[1] / "world" / "mistakes.txt"
    codes = [mistake[1] for mistake in MISTAKES]
    assert len(set(codes)) == len(codes) >= 100
    assert len(codes) + worlds.read_text().count("\n## ") >= 140
