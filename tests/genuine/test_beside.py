"""v6sim and the genuine client in one environment, with what that pins."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.components import lacking
from tests.genuine.environments import BESIDE
from tests.images import average_project, engine

ROOT = Path(__file__).parents[2]


def beside(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of that environment."""
    if not BESIDE.is_ready:
        lacking(BESIDE.name, "make genuine")
    command = [str(BESIDE.command(str(words[0]))), *map(str, words[1:])]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("client", [">=3,<4", "==3.8.0", "==3.8.8", "==3.9.0", "==3.10.0"])
def test_they_can_be_installed_together(client: str, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.in"
    wanted.write_text(f"v6sim[docker,postgres] @ {ROOT.as_uri()}\nvantage6-client{client}\n")
    words = [sys.executable, "-m", "uv", "pip", "compile", "-q", "--python-version", "3.11"]
    done = subprocess.run([*words, str(wanted)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "\nvantage6-client==3." in done.stdout
    assert "\ndocker==6." in done.stdout


def test_a_federation_runs_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age\n40\n50\n")
    assert beside("v6sim", "--help").returncode == 0
    done = beside("v6sim", "run", ROOT / "algorithms" / "average", "--method", "master", "--kwarg",
                  "column_name=age", "--data", tmp_path / "a.csv")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "{'average': 45.0}" in done.stdout


def test_an_algorithm_runs_in_docker_there(tmp_path: Path) -> None:
    engine()
    project = average_project(tmp_path / "v6sim-test-beside")
    (tmp_path / "a.csv").write_text("age\n40\n50\n")
    done = beside("v6sim", "run", project, "--executor", "docker", "--method", "master", "--kwarg",
                  "column_name=age", "--data", tmp_path / "a.csv")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "{'average': 45.0}" in done.stdout
