"""Environments with genuine parts of vantage6, each with a Python of its era.

Run as a script (`make genuine`) to make those that are missing.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / ".venvs"


@dataclass(frozen=True)
class Environment:
    """A virtual environment with packages of one version of vantage6.

    Args:
        name: its folder.
        pythons: versions of Python that will do, the best first.
        requirements: what to install.
        unwanted: dependencies to take out again.
    """

    name: str
    pythons: tuple[str, ...]
    requirements: tuple[str, ...]
    unwanted: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return ROOT / self.name / "bin" / "python"

    def command(self, name: str) -> Path:
        """One of its commands."""
        return self.python.with_name(name)

    @property
    def is_ready(self) -> bool:
        """Whether all is installed."""
        return self._ready.exists() and self._ready.read_text().splitlines() == [*self.requirements]

    def install(self) -> None:
        """Install what is wanted, in an environment that exists."""
        pip = [str(self.python), "-m", "pip", "-q", "--disable-pip-version-check"]
        orders = [("install", *self.requirements)]
        if self.unwanted:
            orders.append(("uninstall", "-y", *self.unwanted))
        for order in orders:
            subprocess.run([*pip, *order], check=True, stderr=subprocess.DEVNULL)
        self._ready.write_text("\n".join(self.requirements))

    @property
    def _ready(self) -> Path:
        """What was installed, as a file."""
        return ROOT / self.name / "ready"


CLIENTS = {
    "3.7.3": Environment("client-3.7.3", ("3.8", "3.7"), ("vantage6-client==3.7.3", "pytest")),
    "3.11.1": Environment(
        "client-3.11.1", ("3.11", "3.10"), ("vantage6-client==3.11.1", "numpy<2", "pytest")
    ),
}

BESIDE = Environment(
    "beside-3.11.1",
    ("3.11",),
    ("vantage6-client==3.11.1", "numpy<2", "pytest", "-e", f"{ROOT.parent}[docker]"),
)
"""v6sim with the genuine client beside it, as developers of algorithms have both."""

# Their own dependencies have no upper bounds; these are of their time.
NODE = Environment(
    "node-3.7.3",
    ("3.8", "3.7"),
    ("vantage6-node==3.7.3", "python-engineio==4.3.4", "flask<2.1", "werkzeug<2.1"),
)
SERVER = Environment(
    "server-3.7.3",
    ("3.8", "3.7"),
    (
        "vantage6-server==3.7.3",
        "python-socketio==5.7.2",
        "python-engineio==4.3.4",
        "itsdangerous<2.2",
    ),
    unwanted=("eventlet",),  # it fails at its import; without it gevent serves
)
ENVIRONMENTS = (*CLIENTS.values(), BESIDE, NODE, SERVER)


def find_python(versions: tuple[str, ...]) -> str | None:
    """An interpreter of one of those versions, on PATH or among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for version in versions:
        installed = sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python")), reverse=True)
        for candidate in filter(None, [shutil.which(f"python{version}"), *installed]):
            # a shim may stand for a version that is not switched on: ask it
            code = "import sys; print('%d.%d' % sys.version_info[:2])"
            asked = subprocess.run(
                [candidate, "-c", code], capture_output=True, text=True, check=False
            )
            if asked.returncode == 0 and asked.stdout.strip() == version:
                return candidate
    return None


def make(environment: Environment) -> bool:
    """Make an environment, unless it is ready; say whether it is."""
    if environment.is_ready:
        return True
    if environment.python.exists():
        print(f"{environment.name}: installing what is new", flush=True)
        environment.install()
        return True
    python = find_python(environment.pythons)
    if python is None:
        wanted = " or ".join(environment.pythons)
        print(f"{environment.name}: no Python {wanted} found: its tests will be skipped")
        return False
    print(f"{environment.name}: installing with {python}", flush=True)
    folder = ROOT / environment.name
    subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
    environment.install()
    return True


if __name__ == "__main__":
    ready = [make(environment) for environment in ENVIRONMENTS]
    sys.exit(0 if all(ready) or "V6SIM_CI" not in os.environ else 1)
