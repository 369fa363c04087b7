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


def run_tests(package: str, python: str | Path, env: dict[str, str], *options: str) -> None:
    """The tests of a package; all must pass, and none be skipped."""
    folder = ALGORITHMS / package
    plain = ["-p", "no:cacheprovider", "-c", "pyproject.toml", "--rootdir", "."]
    said = subprocess.run(
        [python, "-B", "-m", "pytest", "-q", "-rs", *plain, *options, "tests"], cwd=folder, env=env,
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-1000:]
    assert "skipped" not in said.stdout, said.stdout


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("version", CLIENTS)
def test_an_algorithm_passes_its_tests_beside_the_genuine_library(package, version) -> None:
    environment = CLIENTS[version]
    if not environment.is_ready:
        lacking(f"the genuine library {version}", "make genuine")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PY")}
    without_v6sim = ("--ignore", "tests/test_federation.py")
    run_tests(package, environment.python, clean, *without_v6sim)


@pytest.mark.parametrize("package", PACKAGES)
def test_an_algorithm_passes_its_tests_on_v6sim(package) -> None:
    """Without that library: the mock client is v6sim's, and there is a federation."""
    run_tests(package, sys.executable, {**os.environ})
