"""What is said to those who wait, and to those whose node is not wanted any more."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.commands import PATIENCE, V6SIM, ended, environment, running
from tests.conftest import API_KEYS, PASSWORDS
from v6sim.client import Client

DATA = ["--data", "north.csv", "--data", "south.csv"]
INTERRUPTED = 130
WRONG_USE = 2


@contextmanager
def started(*words: str | Path, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """A command that is under way; it is ended at the latest at the end."""
    child = subprocess.Popen(
        [V6SIM, *words], cwd=cwd, env=environment(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("how", [[], ["--json"]], ids=["for people", "for programs"])
def test_after_five_seconds_a_run_says_on_stderr_what_it_waits_for(
    how: list[str], project: Path
) -> None:
    words = ["run", "my-algorithm", *DATA, "--method", "endless", "--kwarg", "file=there", *how]
    with started(*words, cwd=project) as child:
        assert child.stderr
        lines = iter(child.stderr.readline, "")
        line = next(line for line in lines if line.startswith("waiting for"))
        assert line.startswith("waiting for node 'north - ")
        assert line.endswith("(run 2 of task 2): the run is active: its algorithm has not ended\n")
        child.send_signal(signal.SIGINT)
        out, err = ended(child)
        assert child.returncode == INTERRUPTED
    assert "waiting for" not in out + err  # it is said once, and not where results go


def test_a_node_that_the_server_has_deleted_ends_and_says_why(tmp_path: Path) -> None:
    with running("server", "--port", "0", "--world", "manual") as (_, address):
        key = ["--api-key", API_KEYS[0], "--database", "default=data.csv"]
        (tmp_path / "data.csv").write_text("age\n1\n")
        with started("node", "--server", address, *key, cwd=tmp_path) as node:
            assert node.stdout
            assert "is online at" in node.stdout.readline()
            with Client(address, "root", PASSWORDS["root"]) as root:
                root.ask("DELETE", "/node/8")
                body = {"collaboration_id": 1, "organization_id": 2}
                root.ask("POST", "/node", json=body)
            with Client(address, "researcher", PASSWORDS["researcher"]) as client:
                client.submit(1, [2], "some/image", b"")  # the old node hears of it, and asks
            _, err = ended(node)
    assert node.returncode == WRONG_USE
    assert "error: http://" in err
    assert "does not know this node's api key" in err
