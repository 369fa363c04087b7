"""Arranging worlds on disk."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from v6sim.world import World, WorldError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: one with a table, `a.csv`, and an algorithm, `mean.py`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("age\n30\n")
    (tmp_path / "mean.py").write_text("")
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[..., str]:
    """Writes a file into the current folder; returns its name."""

    def write(text: str, name: str = "world.yaml") -> str:
        (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return name

    return write


@pytest.fixture
def complaint() -> Callable[[str | Path], str]:
    """What is said about a world that cannot be loaded."""

    def complaint(source: str | Path) -> str:
        with pytest.raises(WorldError) as caught:
            World.load(source)
        return str(caught.value)

    return complaint
