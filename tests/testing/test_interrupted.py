"""A pytest that is interrupted leaves nothing behind, in whichever way."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import psutil
import pytest

from tests.commands import until
from tests.images import engine, python_image
from tests.wide import some
from v6sim.node.docker.engine import OWNER
from v6sim.node.executors import inside

SUITE = """
import json, os, pathlib
import pytest
from v6sim import World


@pytest.fixture(scope="session")
def v6sim_world():
    here = pathlib.Path(__file__).parent
    (here / "rows.csv").write_text("age\\n1\\n")
    user = {"username": "u", "password": "Password-1", "roles": ["Researcher"]}
    return World.of(
        {
            "organizations": [{"name": "a", "users": [user]}],
            "collaborations": [
                {
                    "name": "c",
                    "encrypted": True,
                    "participants": [
                        {"name": "a", "databases": {"default": str(here / "rows.csv")}}
                    ],
                }
            ],
            "algorithms": {"slow": ALGORITHM},
        }
    )


def test_it_is_in_the_middle_of_a_run(sandbox, sandbox_factory):
    task = sandbox.submit("slow", "wait", user="u")
    other = sandbox_factory(data=[[{"age": 1}]])
    while "working" not in task.look().runs[0].log and not sandbox.nodes[0].running:
        pass
    port = int(sandbox.url.rpartition(":")[2])
    told = {"pid": os.getpid(), "port": port}
    pathlib.Path("told.new").write_text(json.dumps(told))
    os.rename("told.new", "told")
    task.wait(600)
"""


SLOW = """
import time


def RPC_wait(data):
    print("working", flush=True)
    time.sleep(600)
"""


def _hear_hang_ups() -> None:
    """Also where the tests run under nohup, whose children ignore them."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Interrupted:
    """A pytest in the middle of a run."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.temporary = folder, folder / "tmp"
        self.temporary.mkdir()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        homes = {"HOME": str(folder), "TMPDIR": str(self.temporary)}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
            cwd=folder, env={**clean, **homes}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True, preexec_fn=_hear_hang_ups,  # noqa: PLW1509
        )  # fmt: skip
        until(lambda: (folder / "told").exists() or self.child.poll() is not None)
        assert self.child.poll() is None, self.child.stdout and self.child.stdout.read()
        told = json.loads((folder / "told").read_text())
        self.worker, self.port = told["pid"], told["port"]

    def processes(self) -> list[psutil.Process]:
        """All that live in its home."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("HOME") == str(self.folder):
                    found.append(process)
            except psutil.Error:
                continue
        return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]

    def left(self) -> list[str]:
        """Folders of ours that are still there."""
        return [path.name for path in self.temporary.glob("v6sim-*")]

    def end(self) -> None:
        """Whatever happens, have it gone."""
        for process in self.processes():
            process.kill()
        self.child.communicate()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[object]:
    begun: list[Interrupted] = []

    def start(*options: str, algorithm: object = None) -> Interrupted:
        given = algorithm or str(tmp_path / "slow.py")
        (tmp_path / "test_it.py").write_text(SUITE.replace("ALGORITHM", repr(given)))
        (tmp_path / "slow.py").write_text(SLOW)
        begun.append(Interrupted(tmp_path, *options))
        return begun[-1]

    yield start
    for each in begun:
        each.end()


def containers_of(process: int) -> list[str]:
    """The containers and networks that a process has made."""
    wanted = {"label": OWNER}
    found = engine().containers.list(all=True, filters=wanted)
    names = [each.name for each in found if f"/{process}/" in each.labels[OWNER]]
    networks = engine().networks.list(filters=wanted)
    mine = [each for each in networks if f"/{process}/" in each.attrs["Labels"][OWNER]]
    return names + [each.name for each in mine]


def assert_nothing_is_left(run: Interrupted) -> None:
    until(lambda: not run.processes())
    assert run.left() == []
    with socket.socket() as knocking:
        assert knocking.connect_ex(("127.0.0.1", run.port)) != 0


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]


@pytest.mark.parametrize(("executor", "how"), some(product(["process", "inline"], SIGNALS), 3))
def test_an_interrupted_pytest_leaves_nothing(begin, executor, how) -> None:
    run = begin("--v6sim-executor", executor)
    assert run.left()
    run.child.send_signal(how)
    said, _ = run.child.communicate(timeout=60)
    expected = {signal.SIGINT: 2, signal.SIGKILL: -9}
    assert run.child.returncode == expected.get(how, 128 + how), said
    if how is not signal.SIGKILL:
        assert "KeyboardInterrupt" in said or "ended by signal" in said
    assert_nothing_is_left(run)


HOLDING = """
import pathlib, re, time


def RPC_wait(data):
    print("working", flush=True)
    here = pathlib.Path(__file__).parent
    while not (here / "told").exists():
        time.sleep(0.01)
    (here / "holding").touch()
    re.match("(a+)+$", "a" * 60 + "b")
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-C", "SIGTERM"])
def test_an_algorithm_that_holds_pythons_lock_does_not_keep_pytest_from_its_end(
    begin, how, tmp_path
) -> None:
    (tmp_path / "holding.py").write_text(HOLDING)
    run = begin("--v6sim-executor", "inline", algorithm=str(tmp_path / "holding.py"))
    until((tmp_path / "holding").exists)
    begun = time.monotonic()
    run.child.send_signal(how)
    said, _ = run.child.communicate(timeout=60)
    assert time.monotonic() - begun < 10
    assert run.child.returncode == -signal.SIGKILL, said
    assert "Python does not go on, for the algorithm 'slow' of run 1; ended by force" in said
    assert_nothing_is_left(run)


BLOCKED = """
import pathlib, threading, time


def test_it_is_in_the_middle_of_a_run(sandbox):
    threading.Thread(
        target=sandbox._thread.do, args=(lambda: time.sleep(600),), daemon=True
    ).start()
    pathlib.Path("blocked").touch()
    time.sleep(600)
"""


def test_a_sandbox_that_does_not_end_is_left_to_the_guardian(tmp_path) -> None:
    (tmp_path / "test_it.py").write_text(BLOCKED)
    (tmp_path / "tmp").mkdir()
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    child = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path, env={**clean, "TMPDIR": str(tmp_path / "tmp")}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    until((tmp_path / "blocked").exists)
    begun = time.monotonic()
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=60)
    assert time.monotonic() - begun < 10
    assert child.returncode == 2, said
    assert "the sandbox has not ended in" in said
    assert "INTERNALERROR" not in said
    until(lambda: not list((tmp_path / "tmp").glob("v6sim-*")))


PATIENT = """
import time
import pytest


def test_ctrl_c_is_caught(sandbox):
    import pathlib, signal, os

    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
    end = time.monotonic() + 6
    while time.monotonic() < end:  # it goes on, in Python
        pass
    assert sandbox.run("harbor2.vantage6.ai/demo/average", "master", kwargs={"column_name": "age"})
"""


def test_a_test_that_takes_ctrl_c_for_itself_goes_on(tmp_path) -> None:
    (tmp_path / "test_it.py").write_text(PATIENT)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path, env=clean, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("whom", ["worker", "all"])
def test_a_killed_worker_of_xdist_leaves_nothing(begin, whom) -> None:
    run = begin("-n", "1")
    assert run.worker != run.child.pid
    os.kill(run.worker if whom == "worker" else run.child.pid, signal.SIGKILL)
    if whom == "worker":
        until(lambda: not psutil.pid_exists(run.worker) or _is_dead(run.worker))
        run.child.send_signal(signal.SIGINT)  # xdist would begin the test anew
    run.child.communicate(timeout=60)
    assert_nothing_is_left(run)


def _is_dead(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_a_pytest_with_containers_that_is_killed_leaves_none(begin, tmp_path) -> None:
    project = tmp_path / "project"
    (project / "slow").mkdir(parents=True)
    (project / "slow" / "__init__.py").write_text(SLOW)
    shutil.copytree(Path(inside.__file__).parent, project / "inside")
    (project / "Dockerfile").write_text(
        f"FROM {python_image()}\nENV PKG_NAME=slow\nCOPY . /app\n"
        "CMD exec python /app/inside slow /app\n"
    )
    run = begin("--v6sim-executor", "docker", algorithm={"build": str(project)})
    assert containers_of(run.worker)
    run.child.send_signal(signal.SIGKILL)
    run.child.communicate(timeout=60)
    assert_nothing_is_left(run)
    assert containers_of(run.worker) == []


def test_nothing_is_left_after_a_good_end_either(tmp_path, begin) -> None:
    run = begin()
    for process in run.processes():
        if "v6sim.node.guardian" in process.cmdline():
            break
    else:
        pytest.fail("there is no guardian")
    run.child.send_signal(signal.SIGINT)
    run.child.communicate(timeout=60)
    assert_nothing_is_left(run)
