"""What other repositories use is as its kind demands, and what it runs works."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.release.conftest import ROOT, Environment

pytestmark = pytest.mark.xdist_group("release")

WORKFLOW = ROOT / ".github" / "workflows" / "test-algorithm.yml"
TEMPLATE = ROOT / "templates" / "test-algorithm.gitlab-ci.yml"
RUN = "--data a.csv --data b.csv --method master --kwarg column_name=age"


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", WORKFLOW),
        ("vendor.gitlab-ci", TEMPLATE),
        ("vendor.compose-spec", ROOT / "docker" / "docker-compose.yml"),
    ],
    ids=["workflow", "template", "compose"],
)
def test_a_file_fits_its_schema(schema: str, file: Path) -> None:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An algorithm in a repository of its own, with two files of data."""
    folder = tmp_path / "repository"
    shutil.copytree(
        ROOT / "algorithms" / "average", folder, ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / "a.csv").write_text("age\n40\n50\n")
    (folder / "b.csv").write_text("age\n60\n")
    return folder


def test_the_steps_of_the_workflow_test_an_algorithm(
    installed: Environment, wheel: Path, project: Path
) -> None:
    job = yaml.safe_load(WORKFLOW.read_text())["jobs"]["test"]
    given = {"v6sim": str(wheel), "package": ".", "requirements": "", "tests": "-q", "run": RUN}
    variables = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: given[found[1]], value)
        for name, value in job["env"].items()
    }
    said = [
        _shell(installed, step["run"], project, **variables)
        for step in job["steps"]
        if "run" in step
    ]
    assert " passed" in said[1]
    assert "50" in said[2]


def test_the_script_of_the_template_tests_an_algorithm(
    installed: Environment, wheel: Path, project: Path
) -> None:
    job = yaml.safe_load(TEMPLATE.read_text())["test-algorithm"]
    variables = {**job["variables"], "V6SIM": str(wheel), "PACKAGE": str(project), "RUN": RUN}
    said = _shell(installed, "\n".join(["set -e", *job["script"]]), project.parent, **variables)
    assert " passed" in said
    assert "50" in said


def test_a_failing_algorithm_fails_the_script(
    installed: Environment, wheel: Path, project: Path
) -> None:
    (project / "tests" / "test_wrong.py").write_text("def test_wrong():\n    assert False\n")
    job = yaml.safe_load(TEMPLATE.read_text())["test-algorithm"]
    variables = {**job["variables"], "V6SIM": str(wheel), "PACKAGE": str(project)}
    script = "\n".join(["set -e", *job["script"]])
    assert installed.run("sh", "-c", script, cwd=project.parent, **variables).returncode == 1


def _shell(environment: Environment, script: str, cwd: Path, **variables: Any) -> str:
    done = environment.run("sh", "-ec", script, cwd=cwd, **variables)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_the_hook_checks_worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By pre-commit itself, which installs this project as one of somebody else's repositories."""
    hooks = _repository(tmp_path / "hooks")
    for name in ("v6sim", "algorithms", "pyproject.toml", "README.md", "LICENSE"):
        _copy(ROOT / name, hooks / name)
    _copy(ROOT / ".pre-commit-hooks.yaml", hooks / ".pre-commit-hooks.yaml")
    _git(hooks, "add", "-A")
    _git(hooks, "commit", "-q", "-m", "all")
    mine = _repository(tmp_path / "mine")
    (mine / "world.yaml").write_text("organizations: [{name: north}]\n")
    (mine / "other").mkdir()
    wrong = mine / "other" / "world.yaml"
    wrong.write_text("organizations: [{nam: south}]\n")
    revision = _git(hooks, "rev-parse", "HEAD").strip()
    (mine / ".pre-commit-config.yaml").write_text(
        f"repos: [{{repo: {hooks}, rev: {revision}, hooks: [{{id: v6sim-world}}]}}]\n"
    )
    _git(mine, "add", "-A")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    words = [sys.executable, "-m", "pre_commit", "run", "-a", "-v"]
    done = subprocess.run(words, cwd=mine, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "world.yaml is good: 1 organization" in done.stdout
    assert "other/world.yaml:1" in done.stdout
    wrong.write_text("organizations: [{name: south}]\n")
    done = subprocess.run(words, cwd=mine, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _repository(folder: Path) -> Path:
    folder.mkdir()
    _git(folder, "init", "-q")
    return folder


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Rosa", "-c", "user.email=rosa@v6sim.invalid"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, text=True, stdout=subprocess.PIPE
    )
    return done.stdout


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, place)


def test_the_development_container_makes_what_the_makefile_knows() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    make, *words = container["postCreateCommand"].split()
    assert make == "make"
    planned = subprocess.run(
        ["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert planned.returncode == 0, planned.stderr
    python = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == ".venv/bin/python"
