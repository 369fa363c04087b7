"""What is released holds all that it needs."""

import re
import tarfile
import zipfile
from pathlib import Path

import pytest

import v6sim
from tests.release.conftest import ROOT, Environment

pytestmark = pytest.mark.xdist_group("release")


def files(folder: str) -> set[str]:
    """What is in a folder of the project, but for what programs leave behind."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and not {"__pycache__", "wheels", "pictures", ".pytest_cache"} & set(path.parts)
    }


def test_the_wheel_holds_all_of_the_package_and_the_examples(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert files("v6sim") <= names
    assert {f"v6sim/{name}" for name in files("algorithms")} <= names
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_source_distribution_holds_what_it_takes_to_go_on(dist: Path) -> None:
    [archive] = dist.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    for folder in ("v6sim", "algorithms", "tests", "docs", "docker", ".ci", "templates"):
        assert files(folder) <= names
    assert {"README.md", "LICENSE", "CHANGELOG.md", "Makefile", "pyproject.toml"} <= names
    assert ".pre-commit-hooks.yaml" in names


def test_from_the_wheel_alone_the_demo_works(installed: Environment) -> None:
    done = installed.run("v6sim", "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "{'average': 53.25}" in done.stdout


def test_from_the_wheel_alone_worlds_and_traces_can_be_made(installed: Environment) -> None:
    done = installed.run("v6sim", "world", "new", "my-world")
    assert done.returncode == 0, done.stderr
    assert installed.run("v6sim", "world", "check", "my-world/world.yaml").returncode == 0


def test_the_changelog_knows_this_version() -> None:
    latest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert latest is not None
    assert latest[1] == v6sim.__version__
