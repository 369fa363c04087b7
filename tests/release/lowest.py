"""The lowest versions that pyproject.toml allows, and a part of the tests with them.

Run as a script (`make lowest`), with arguments for pytest, if any. What the direct dependencies
depend on themselves is the newest that fits.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venvs" / "lowest"
PYTHON = FOLDER / "bin" / "python"
TESTS = (
    "tests/test_sandbox.py", "tests/node/test_line.py", "tests/server/test_sockets.py",
    "tests/server/test_tasks.py",
    "tests/server/test_other_pages.py", "tests/wire/test_cryptor.py", "tests/wire/test_keys.py",
    "tests/wire/test_payload.py", "tests/world/test_loading_worlds.py",
    "tests/node/executors/test_conformance.py", "tests/node/executors/test_docker.py",
    "tests/node/executors/test_docker_images.py", "tests/e2e/test_run.py",
    "tests/e2e/test_run_watch.py",
)  # fmt: skip
"""A part that uses every dependency."""

_TOOLS = ("hypothesis", "psutil", "pytest>=8.2,<9.2", "pytest-asyncio", "pytest-timeout",
          "pytest-xdist")  # fmt: skip


def make() -> None:
    """Make the environment anew.

    Raises:
        CalledProcessError: there are no such versions; what uv says of it is shown.
    """
    target = ("--python", str(PYTHON), "--quiet")
    lowest = ("--resolution", "lowest-direct", "--only-binary", ":all:",
              "--no-binary", "v6sim", "--compile-bytecode")  # fmt: skip
    _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER))
    _uv("pip", "install", *target, *lowest, "--editable", f"{ROOT}[docker,postgres]")
    _uv("pip", "install", *target, "--compile-bytecode", *_TOOLS)


def run(*arguments: str) -> int:
    """Run tests there; returns the exit code of pytest.

    Args:
        arguments: for pytest; without any, `TESTS`.
    """
    warnings = ("-o", "filterwarnings=")  # old libraries use what is deprecated by now
    words = [
        str(PYTHON),
        "-m",
        "pytest",
        "-q",
        *warnings,
        *(arguments or ("-n", "2", "--dist", "loadgroup", *TESTS)),
    ]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


def _uv(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *words], cwd=ROOT, check=True)


if __name__ == "__main__":
    make()
    sys.exit(run(*sys.argv[1:]))
