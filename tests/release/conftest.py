"""What is released, and an environment with nothing but that."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Environment:
    """An empty folder, and a virtual environment of its own."""

    root: Path

    def run(
        self, *words: str | Path, cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there, with none of this checkout's own variables."""
        environment = {
            "HOME": str(self.root / "home"),
            "PATH": f"{self.root / 'venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "NO_COLOR": "1",
            **{key: value for key, value in os.environ.items() if key.startswith("PIP_")},
            **variables,
        }
        return subprocess.run(
            [*map(str, words)], cwd=cwd or self.root / "home", env=environment, text=True,
            capture_output=True, timeout=300, check=False,
        )  # fmt: skip


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel, made of the source distribution, and that."""
    folder = tmp_path_factory.mktemp("dist")
    words = [
        sys.executable,
        "-m",
        "build",
        "--installer",
        "pip",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    _done(subprocess.run(words, capture_output=True, text=True, check=False))
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    [found] = dist.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel, and what it depends on."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    (environment.root / "home").mkdir()
    for words in (
        (sys.executable, "-m", "venv", environment.root / "venv"),
        ("python", "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel),
    ):
        _done(environment.run(*words))
    return environment


@pytest.fixture(scope="session")
def checkout(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with an editable install of this checkout, and nothing of its extras."""
    environment = Environment(tmp_path_factory.mktemp("checkout"))
    (environment.root / "home").mkdir()
    pip = ("python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps")
    _done(environment.run(sys.executable, "-m", "venv", environment.root / "venv"))
    libraries = _libraries(environment)
    for each in _libraries(installed).iterdir():
        place = libraries / each.name
        if "v6sim" not in each.name and not place.exists():
            place.symlink_to(each)
    _done(environment.run(*pip, "-e", ROOT))
    return environment


def _libraries(environment: Environment) -> Path:
    [found] = environment.root.glob("venv/lib/python3.*/site-packages")
    return found


def _done(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
