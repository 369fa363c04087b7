"""Whose something is, and whether that lives."""

import subprocess
import sys
from pathlib import Path

import pytest

from v6sim.node.folders import new_folder, remove_left_folders
from v6sim.runtime.process_identity import is_gone, this_process

SAY = (
    "from v6sim.runtime.process_identity import this_process; print(this_process(), flush=True);"
    "input()"
)


def test_a_process_is_gone_once_it_has_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        owner = child.stdout.readline().strip()
        assert not is_gone(owner)
        child.kill()
        child.wait()
    assert is_gone(owner)
    assert not is_gone(this_process())


def test_another_process_of_the_same_number_is_another_owner() -> None:
    machine, number, _ = this_process().rsplit("/", 2)
    assert is_gone(f"{machine}/{number}/another-beginning")


@pytest.mark.parametrize("owner", ["", "nonsense", "another.machine/1/x", "a/b/c/d"])
def test_what_cannot_be_known_counts_as_alive(owner: str) -> None:
    assert not is_gone(owner)


def test_folders_of_those_who_are_gone_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own, left = new_folder("node"), new_folder("node")
    machine, number, _ = this_process().rsplit("/", 2)
    (left / "owner").write_text(f"{machine}/{number}/another-beginning")
    (tmp_path / "v6sim-node-x").mkdir()
    assert remove_left_folders() == [f"folder {left}"]
    assert own.is_dir()
    assert (tmp_path / "v6sim-node-x").is_dir()
