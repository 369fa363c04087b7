"""`v6sim new algorithm`: what it writes works at once."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.commands import v6sim
from tests.genuine.images import genuine_library
from tests.testing.test_plugin import run_pytest

ARGUMENTS = ("--method", "master", "--kwarg", "column_name=age")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    said = v6sim("new", "algorithm", "my-mean", "--dir", tmp_path)
    assert said.returncode == 0, said.stderr
    return tmp_path / "my-mean"


@pytest.mark.parametrize("executor", ["process", "inline"])
def test_its_tests_pass(made, executor) -> None:
    assert "5 passed" in run_pytest(made, "--v6sim-executor", executor)


def test_it_runs_on_its_data_and_agrees_with_all_rows_together(made) -> None:
    said = v6sim("run", ".", "--matrix", "data/*/", *ARGUMENTS, "--pooled", cwd=made)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "2 of 2 are good" in said.stdout
    assert said.stdout.count("pooled: the same on all") == 2
    assert "egress: no findings" in said.stderr


def test_the_command_that_it_tells_next_works(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = v6sim("new", "algorithm", "other", cwd=tmp_path).stdout
    [command] = re.findall(r"^    \S*v6sim (run .*)$", told, re.MULTILINE)
    words = command.replace("'", "").split()
    assert v6sim(*words, cwd=tmp_path).returncode == 0


def test_the_tests_that_it_tells_next_are_run_where_v6sim_is(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    told = v6sim("new", "algorithm", "other", cwd=tmp_path).stdout
    install, test = re.findall(r"^    (\S+ -m .*)$", told, re.MULTILINE)
    assert install.endswith("python -m pip install pytest")
    said = subprocess.run(
        shlex.split(test), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "5 passed" in said.stdout


def test_it_is_a_package_with_all_that_belongs_to_it(made) -> None:
    files = {str(file.relative_to(made)) for file in made.rglob("*") if file.is_file()}
    assert files == {
        ".dockerignore", ".github/workflows/test.yml", ".gitignore", "Dockerfile", "README.md",
        "data/three/north.csv", "data/three/south.csv", "data/three/west.csv",
        "data/two/north.csv", "data/two/south.csv", "my_mean/__init__.py", "pyproject.toml",
        "requirements.txt", "tests/test_my_mean.py",
    }  # fmt: skip
    text = "".join((made / file).read_text() for file in files)
    assert "{%" not in text
    assert "My mean: an algorithm" in text
    workflow = yaml.safe_load((made / ".github/workflows/test.yml").read_text())
    assert workflow["jobs"]["test"]["strategy"]["matrix"] == {"executor": ["process", "inline"]}
    steps = workflow["jobs"]["test"]["steps"]
    assert any("--v6sim-executor ${{ matrix.executor }}" in step.get("run", "") for step in steps)


@pytest.mark.parametrize("name", ["class", "json", "pandas", "my algorithm", "-x", "3d", "x-", "ü"])
def test_a_name_that_no_package_can_have_is_refused(tmp_path, name) -> None:
    said = v6sim("new", "algorithm", "--dir", tmp_path, "--", name)
    assert said.returncode == 2
    assert f"{name!r} is no name for an algorithm" in said.stderr
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(made) -> None:
    (made / "Dockerfile").write_text("mine")
    said = v6sim("new", "algorithm", "my-mean", "--dir", made.parent)
    assert said.returncode == 2
    assert "is there already" in said.stderr
    assert (made / "Dockerfile").read_text() == "mine"


def test_its_image_is_built_and_run(made) -> None:
    dockerfile = made / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("python:3.8-slim", genuine_library()))
    said = v6sim(
        "run", ".", "--data", "data/two/north.csv", "--data", "data/two/south.csv", *ARGUMENTS,
        "--executor", "docker", cwd=made,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert "north: {'count': 12, 'mean': 50.25}" in said.stdout
