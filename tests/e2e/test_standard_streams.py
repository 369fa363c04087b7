"""Commands that are started without standard input, output, or error."""

import subprocess
from pathlib import Path

import pytest

from tests.commands import PATIENCE, V6SIM, environment
from tests.wide import some

CLOSED = ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"]


def run(closed: str, arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", f"exec {V6SIM} {arguments} {closed}"], cwd=folder, env=environment(),
        capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("closed", some(CLOSED, 2))
def test_a_command_works_all_the_same(tmp_path: Path, closed: str) -> None:
    said = run(closed, "permissions", tmp_path)
    assert said.returncode == 0, said.stderr
    assert not said.stderr


@pytest.mark.parametrize("executor", ["inline", "process"])
@pytest.mark.parametrize("closed", some(CLOSED, 2))
def test_a_run_works_all_the_same(tmp_path: Path, closed: str, executor: str) -> None:
    (tmp_path / "algorithm.py").write_text(
        "import subprocess\n\n\ndef RPC_say(data):\n"
        "    subprocess.run(['echo', 'hello'], check=True)\n    return len(data)\n"
    )
    (tmp_path / "data.csv").write_text("a\n1\n2\n")
    said = run(
        closed, f"run algorithm.py --method say --data data.csv --executor {executor}", tmp_path
    )
    assert said.returncode == 0, said.stderr
    assert ("a: 2" in said.stdout or "data: 2" in said.stdout) == (">&-" not in closed.split())
