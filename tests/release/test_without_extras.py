"""v6sim without the libraries of its extras: each lack is one line, wherever the command is run."""

import json
import platform
from pathlib import Path

import pytest

from tests.release.conftest import ROOT, Environment

pytestmark = pytest.mark.xdist_group("release")

DOCKER = "pip install 'v6sim[docker]'"
POSTGRES = "pip install 'v6sim[postgres]'"
AVERAGE = ROOT / "algorithms" / "average"
COMMANDS = {
    "run": ["run", str(AVERAGE), "--executor=docker", "--method=master", "--kwarg=column_name=age",
            "--data=a.csv"],
    "run of an image": ["run", "some/image", "--executor=docker", "--method=m", "--data=a.csv"],
    "run as JSON": ["run", "some/image", "--executor=docker", "--method=m", "--data=a.csv",
                    "--json"],
    "matrix": ["run", str(AVERAGE), "--executor=docker", "--method=master", "--matrix=.",
               "--kwarg=column_name=age"],
    "demo": ["demo", "--executor=docker"],
    "up": ["up", "--port=0", "--executor=docker"],
    "world": ["up", "--port=0", "--world=docker.json"],
    "node": ["node", "--server=http://127.0.0.1:9", "--api-key=none", "--executor=docker"],
    "images": ["images"],
}  # fmt: skip


@pytest.fixture(params=["inside the checkout", "elsewhere"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where commands are run; the files that they name are in another folder."""
    return ROOT if request.param == "inside the checkout" else tmp_path


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("age\n40\n")
    (tmp_path / "docker.json").write_text(json.dumps({"executor": "docker"}))
    return tmp_path


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_takes_docker_says_so_in_one_line(
    checkout: Environment, folder: Path, files: Path, words: list[str]
) -> None:
    named = [
        word.replace("a.csv", str(files / "a.csv"))
        .replace("docker.json", str(files / "docker.json"))
        .replace("matrix=.", f"matrix={files}")
        for word in words
    ]
    done = checkout.run("v6sim", *named, cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert DOCKER in line


@pytest.mark.parametrize("command", ["up", "server"])
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_what_takes_postgresql_says_so_in_one_line(
    checkout: Environment, folder: Path, command: str, scheme: str
) -> None:
    url = f"{scheme}://rosa:secret@127.0.0.1:9/data"
    done = checkout.run("v6sim", command, "--port=0", cwd=folder, V6SIM_DATABASE_URL=url)
    assert done.returncode == 2, done.stdout + done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert POSTGRES in line


def test_another_driver_that_is_missing_is_named(checkout: Environment) -> None:
    url = "postgresql+psycopg2://rosa:secret@127.0.0.1:9/data"
    done = checkout.run("v6sim", "server", "--port=0", V6SIM_DATABASE_URL=url)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "psycopg2" in line
    assert "secret" not in line


def test_images_still_tells_what_the_world_says(checkout: Environment, folder: Path) -> None:
    done = checkout.run("v6sim", "images", cwd=folder)
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert lines["harbor2.vantage6.ai/demo/average"].endswith(f"built from {AVERAGE}")


def test_clean_still_removes_folders(checkout: Environment, folder: Path, tmp_path: Path) -> None:
    left = tmp_path / "temporary" / "v6sim-node-left"
    left.mkdir(parents=True)
    (left / "owner").write_text(f"{platform.node()}/1/another-start")
    done = checkout.run("v6sim", "clean", cwd=folder, TMPDIR=str(left.parent))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"removed folder {left}\n"
    assert not left.exists()
    [line] = done.stderr.splitlines()
    assert DOCKER in line


@pytest.mark.parametrize("mark", ["", "@pytest.mark.v6sim(executor='docker')\n"], ids=["", "mark"])
def test_pytest_says_so_too(
    checkout: Environment, installed_pytest: Environment, tmp_path: Path, mark: str
) -> None:
    (tmp_path / "docker").mkdir()
    file = tmp_path / "test_it.py"
    file.write_text(f"import pytest\n\n\n{mark}def test_it(sandbox):\n    pass\n")
    words = [] if mark else ["--v6sim-executor=docker"]
    done = installed_pytest.run("python", "-m", "pytest", "-q", file, *words, cwd=tmp_path)
    assert done.returncode == (1 if mark else 4), done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert DOCKER in said
    assert "Traceback" not in said


def test_a_sandbox_raises_an_error_that_says_so(checkout: Environment, tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    code = """
from v6sim import Sandbox
from v6sim.runtime.extras import MissingLibrary
try:
    Sandbox(executor="docker").__enter__()
except MissingLibrary as error:
    print(error)
"""
    done = checkout.run("python", "-c", code, cwd=tmp_path)
    assert DOCKER in done.stdout, done.stderr


def test_an_editable_install_exposes_this_package_alone(
    checkout: Environment, tmp_path: Path
) -> None:
    code = """
import importlib, v6sim
from v6sim.world import builtin_algorithms
print(v6sim.__file__)
print(len(builtin_algorithms()))
for name in ("docker", "tests", "algorithms", "docs", "examples"):
    try:
        print(importlib.import_module(name))
    except ImportError:
        pass
"""
    (tmp_path / "v6sim").mkdir()  # as a folder with a checkout in it may be called
    done = checkout.run("python", "-c", code, cwd=tmp_path)
    assert done.stdout.splitlines() == [str(ROOT / "v6sim" / "__init__.py"), "2"], done.stderr


@pytest.fixture(scope="module")
def installed_pytest(checkout: Environment) -> Environment:
    """The same environment, with pytest."""
    done = checkout.run(
        "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "pytest"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return checkout
