"""The tests of the example repositories, as their developers run them, in every executor.

pytest
pytest --v6sim-executor inline
pytest --v6sim-executor docker
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PATIENCE = 400  # seconds; in Docker there are some eighty containers to run
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/pyproject.toml"))
COLD = """

@pytest.fixture(scope="session")
def cold(sandbox_factory, v6sim_world):
    return sandbox_factory(v6sim_world, executor="process", cold=True)


@pytest.fixture
def sandbox(cold):
    cold.reset()
    return cold
"""


@pytest.fixture(params=EXAMPLES)
def project(request, tmp_path) -> Path:
    """A copy of an example, as somebody would have it."""
    ours = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    copy: Path = tmp_path / request.param
    shutil.copytree(ROOT / "examples" / request.param, copy, ignore=ours)
    return copy


def run_tests(project: Path, *options: str) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options], cwd=project,
        env={**os.environ}, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-6000:] + said.stderr[-2000:]
    assert "skipped" not in said.stdout


@pytest.mark.parametrize("options", [[], ["--v6sim-executor", "inline"]], ids=str)
def test_the_tests_of_an_example_pass(project, options) -> None:
    run_tests(project, *options)


def test_they_pass_with_a_fresh_interpreter_for_each_run(project) -> None:
    conftest = project / "tests" / "conftest.py"
    conftest.write_text(conftest.read_text() + COLD)
    run_tests(project)


def test_they_pass_in_docker_on_the_image_of_its_own_dockerfile(project) -> None:
    from tests.genuine.images import genuine_library

    world = yaml.safe_load((project / "world.yaml").read_text())
    for algorithm in world["algorithms"].values():
        algorithm["build"] = {"context": ".", "args": {"BASE": genuine_library()}}
    (project / "world.yaml").write_text(yaml.safe_dump(world))
    run_tests(project, "--v6sim-executor", "docker")
