"""The tests of the example algorithms, where algorithms run: beside the genuine library."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import PATIENCE
from tests.components import lacking
from tests.genuine.environments import CLIENTS

ALGORITHMS = Path(__file__).parents[2] / "algorithms"
PACKAGES = sorted(path.parent.name for path in ALGORITHMS.glob("*/pyproject.toml"))


def run_tests(package: str, python: str | Path) -> str:
    """The tests of a package, with nothing of this project's around them; all must pass."""
    folder = ALGORITHMS / package
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PY")}
    plain = ["-p", "no:cacheprovider", "-c", "pyproject.toml", "--rootdir", "."]
    said = subprocess.run(
        [python, "-B", "-m", "pytest", "-q", "-rs", *plain, "tests"], cwd=folder, env=clean,
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-1000:]
    return said.stdout


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("version", CLIENTS)
def test_an_algorithm_passes_its_tests_beside_the_genuine_library(package, version) -> None:
    environment = CLIENTS[version]
    if not environment.is_ready:
        lacking(f"the genuine library {version}", "make genuine")
    assert "skipped" not in run_tests(package, environment.python)


@pytest.mark.parametrize("package", PACKAGES)
def test_an_algorithm_passes_its_tests_without_that_library(package) -> None:
    """Its master needs the library's mock of a federation, and is skipped here."""
    assert " passed" in run_tests(package, sys.executable)
