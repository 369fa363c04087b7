"""Ctrl-C and SIGTERM end every command within seconds, whatever keeps it from answering."""

import contextlib
import os
import pty
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.commands import ADDRESS, PATIENCE, V6SIM, environment, running, until
from tests.e2e.terminal import Terminal
from tests.wide import some
from v6sim.client import Client
from v6sim.wire.payload import serialize

LIMIT = 10  # seconds: five, and as much again for a busy machine

ALGORITHM = '''
import os, pathlib, re, signal, subprocess, sys, threading, time

HOME = pathlib.Path(__file__).parents[2]

def begun():
    (HOME / "begun").touch()

def RPC_regular_expression(data):
    """Which holds Python's lock until it is done, which it never is."""
    begun()
    re.match(r"(a+)+$", "a" * 60 + "b")

def RPC_large_number(data):
    begun()
    pow(7, 10**10)

def RPC_loop(data):
    begun()
    while True:
        pass

def RPC_sleep(data):
    begun()
    time.sleep(3600)

def RPC_stubborn(data):
    begun()
    while True:
        try:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        except ValueError:
            pass
        try:
            time.sleep(3600)
        except BaseException:
            pass

def RPC_with_children(data):
    subprocess.Popen(["sleep", "3600"])
    subprocess.Popen(["sleep", "3600"], start_new_session=True)
    RPC_regular_expression(data)

def RPC_with_a_thread(data):
    threading.Thread(target=time.sleep, args=(3600,), daemon=False).start()
    begun()
    time.sleep(3600)

def RPC_import(data):
    """The import of a module that does not end."""
    folder = HOME / "modules"
    folder.mkdir(exist_ok=True)
    (folder / "endless.py").write_text(
        f"import re, pathlib; pathlib.Path({str(HOME / 'begun')!r}).touch(); "
        "re.match(r'(a+)+$', 'a' * 60 + 'b')"
    )
    sys.path.insert(0, str(folder))
    import endless

def RPC_signal_itself(data):
    os.kill(os.getpid(), signal.SIGSEGV)

def RPC_rows(data):
    return len(data)

def RPC_stop(data):
    breakpoint()
'''

HOLD_THE_LOCK = ("regular_expression", "large_number", "with_children", "import")
METHODS = (*HOLD_THE_LOCK, "loop", "sleep", "stubborn", "with_a_thread")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An algorithm and data; what commands make for a time is in `tmp`."""
    (tmp_path / "algo" / "algo").mkdir(parents=True)
    (tmp_path / "algo" / "algo" / "__init__.py").write_text(ALGORITHM)
    (tmp_path / "data.csv").write_text("x\n1\n2\n")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Command:
    """A command that is under way, in a session of its own as at a terminal.

    Args:
        words: of the command.
    """

    def __init__(self, *words: str) -> None:
        self.child = subprocess.Popen(
            [V6SIM, *words], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip
        self._family: list[psutil.Process] = []

    @property
    def worker(self) -> psutil.Process:
        """The process that does the work."""
        until(lambda: bool(psutil.Process(self.child.pid).children()))
        (worker,) = psutil.Process(self.child.pid).children()
        return worker

    def address(self) -> str:
        """The one that it says when it is up."""
        assert self.child.stdout
        for line in self.child.stdout:
            if found := ADDRESS.search(line):
                return found[0]
        raise AssertionError("it ended")

    def end(self, how: signal.Signals, *, whom: str = "it") -> str:
        """Have it end by a signal to it, or to its group; returns what it says."""
        self._family = psutil.Process(self.child.pid).children(recursive=True)
        begun = time.monotonic()
        send = os.killpg if whom == "group" else os.kill
        send(self.child.pid, how)
        said, _ = self.child.communicate(timeout=PATIENCE)
        assert time.monotonic() - begun < LIMIT
        return said

    def check_nothing_is_left(self, home: Path) -> None:
        """Neither a process nor a folder."""
        left = [each for each in self._family if each.is_running() and each.status() != "zombie"]
        assert left == []
        assert list((home / "tmp").iterdir()) == []

    def close(self) -> None:
        """Whatever happens, have it gone."""
        for each in self._family:
            with contextlib.suppress(psutil.Error):
                each.kill()
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()


Start = Callable[..., Command]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    begun: list[Command] = []

    def start(*words: str) -> Command:
        begun.append(Command(*words))
        return begun[-1]

    yield start
    for each in begun:
        each.close()


def run_words(method: str, executor: str, *more: str) -> Sequence[str]:
    what = ("run", "./algo", "--data", "data.csv", "--method", method)
    return (*what, "--executor", executor, *more)


EXECUTORS = ("inline", "process")
SIGNALS = [(signal.SIGINT, "group"), (signal.SIGTERM, "it")]


@pytest.mark.parametrize(
    ("method", "executor", "how", "whom"),
    some(((*rest, *how) for *rest, how in product(METHODS, EXECUTORS, SIGNALS)), 3),
)
def test_a_run_ends_whatever_its_algorithm_does(home, start, method, executor, how, whom) -> None:
    run = start(*run_words(method, executor))
    until((home / "begun").exists)
    said = run.end(how, whom=whom)
    assert run.child.returncode == 128 + how, said
    assert "Traceback" not in said
    if executor == "inline" and method in HOLD_THE_LOCK:
        assert "the algorithm 'algo' of run 1 did not answer; ended by force" in said
    run.check_nothing_is_left(home)


MORE = {
    "pooled": ("--pooled",),
    "record": ("--record", "recorded"),
    "matrix": ("--matrix", "folders/*"),
    "watch": ("--watch",),
    "json": ("--json",),
}


@pytest.mark.parametrize("kind", some(MORE, 2))
def test_a_run_with_more_to_it_ends_too(home, start, kind) -> None:
    options = MORE[kind]
    code = ALGORITHM + "\ndef master(client, data):\n    RPC_regular_expression(data)\n"
    (home / "algo" / "algo" / "__init__.py").write_text(code)
    words = ("run", "./algo", "--method", "master", "--executor", "inline", *options)
    if "--matrix" in options:
        (home / "folders" / "a").mkdir(parents=True)
        (home / "data.csv").rename(home / "folders" / "a" / "data.csv")
    else:
        words += ("--data", "data.csv")
    run = start(*words)
    until((home / "begun").exists)
    said = run.end(signal.SIGINT, whom="group")
    assert run.child.returncode == 130, said
    run.check_nothing_is_left(home)
    assert not (home / "recorded").exists()


def world(home: Path) -> Path:
    """A world in which the algorithm is an image."""
    import json

    user = {"username": "u", "password": "Password-1", "roles": ["Researcher"]}
    participant = {
        "name": "a", "databases": {"default": str(home / "data.csv")},
        "api_key": "00000000-0000-4000-8000-000000000001",
    }  # fmt: skip
    content = {
        "organizations": [{"name": "a", "users": [user]}],
        "collaborations": [{"name": "c", "encrypted": False, "participants": [participant]}],
        "algorithms": {"some/image": str(home / "algo")},
    }
    (home / "world.json").write_text(json.dumps(content))
    return home / "world.json"


def submit(address: str, method: str) -> None:
    with Client(address, "u", "Password-1") as client:
        client.submit(1, [2], "some/image", serialize({"method": method}))


@pytest.mark.parametrize(("how", "whom"), SIGNALS, ids=["ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("executor", EXECUTORS)
def test_up_ends_whatever_an_algorithm_does(home, start, how, whom, executor) -> None:
    up = start("up", "--port", "0", "--world", str(world(home)), "--executor", executor)
    submit(up.address(), "with_children")
    until((home / "begun").exists)
    said = up.end(how, whom=whom)
    assert up.child.returncode == (128 + how if executor == "inline" else 0), said
    up.check_nothing_is_left(home)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-C", "SIGTERM"])
def test_a_node_ends_whatever_an_algorithm_does(home, start, how) -> None:
    with running("server", "--port", "0", "--world", world(home)) as (_, address):
        node = start(
            "node", "--server", address, "--api-key", "00000000-0000-4000-8000-000000000001",
            "--database", "default=data.csv", "--algorithm", "some/image=./algo",
            "--executor", "inline",
        )  # fmt: skip
        node.address()
        submit(address, "regular_expression")
        until((home / "begun").exists)
        said = node.end(how)
        assert node.child.returncode == 128 + how
        assert "the algorithm 'some/image' of run 1 did not answer; ended by force\n" in said
        node.check_nothing_is_left(home)


FROZEN: dict[str, tuple[str, ...]] = {
    "up": ("up", "--port", "0"),
    "server": ("server", "--port", "0", "--keep", "kept"),
    "demo": ("demo",),
    "node": ("node", "--api-key", "x", "--server"),
    "logs": ("logs", "1", "--follow", "--server"),
    "egress": ("egress", "--server"),
    "trace": ("trace", "1", "--server"),
    "explain": ("explain", "root", "GET", "/task", "--server"),
}


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("name", some(FROZEN, 3))
def test_a_command_that_is_frozen_is_ended(home, start, silent, name) -> None:
    """Whatever it is that keeps its process from answering."""
    words = FROZEN[name]
    command = start(*words, *([silent] if words[-1] == "--server" else []))
    if words[-1] == "--server":
        until(lambda: bool(_connections(command.worker)))
    else:
        assert command.child.stdout
        command.child.stdout.readline()
    command.worker.suspend()
    said = command.end(signal.SIGTERM)
    assert command.child.returncode == 143
    assert f"v6sim {name} did not answer; ended by force\n" in said
    command.check_nothing_is_left(home)


def _connections(process: psutil.Process) -> list[Any]:
    return [each for each in process.net_connections() if each.status == psutil.CONN_ESTABLISHED]


@pytest.mark.parametrize(
    "name", some([name for name in FROZEN if FROZEN[name][-1] == "--server"], 2)
)
def test_a_command_that_waits_for_a_server_is_interrupted(home, start, silent, name) -> None:
    command = start(*FROZEN[name], silent)
    until(lambda: bool(_connections(command.worker)))
    said = command.end(signal.SIGINT, whom="group")
    assert command.child.returncode == (0 if name == "node" else 130)
    assert "Traceback" not in said
    assert "force" not in said


@pytest.mark.parametrize(
    "words",
    [
        ("up", "--world", "pipe", "--port", "0"),
        ("world", "check", "pipe"),
        ("egress", "--file", "pipe"),
    ],
    ids=str,
)
def test_a_file_that_is_never_read_to_its_end_holds_nothing_up(home, start, words) -> None:
    os.mkfifo(home / "pipe")
    command = start(*words)
    writer = os.open(home / "pipe", os.O_WRONLY)  # returns when somebody reads
    said = command.end(signal.SIGINT, whom="group")
    os.close(writer)
    assert command.child.returncode == 130, said
    command.check_nothing_is_left(home)


def test_a_second_ctrl_c_ends_it_at_once(home, start) -> None:
    run = start(*run_words("regular_expression", "inline"))
    until((home / "begun").exists)
    os.killpg(run.child.pid, signal.SIGINT)
    first = time.monotonic()
    until(lambda: time.monotonic() > first + 0.6)  # what comes sooner counts as the same
    run.end(signal.SIGINT, whom="group")
    assert time.monotonic() - first < 3.5  # before its time is up
    assert run.child.returncode == 130
    run.check_nothing_is_left(home)


def test_a_signal_to_it_and_to_its_group_at_once_is_one(home, start) -> None:
    """As `timeout` sends them; an end in order is not broken off by the second one."""
    run = start(*run_words("sleep", "inline"))
    until((home / "begun").exists)
    for _ in range(3):
        os.kill(run.child.pid, signal.SIGTERM)
    said = run.end(signal.SIGTERM, whom="group")
    assert run.child.returncode == 143
    assert "force" not in said
    run.check_nothing_is_left(home)


def test_what_kills_the_supervisor_kills_its_worker(home, start) -> None:
    run = start(*run_words("regular_expression", "inline"))
    until((home / "begun").exists)
    worker = run.worker
    run.child.kill()
    run.child.wait()
    assert psutil.wait_procs([worker], timeout=PATIENCE)[1] == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_dies_of_a_signal_is_seen_to_and_leaves_nothing(home, start, number) -> None:
    run = start(*run_words("with_children", "inline"))
    until((home / "begun").exists)
    family = psutil.Process(run.child.pid).children(recursive=True)
    run.worker.send_signal(number)
    run.child.communicate(timeout=PATIENCE)
    assert run.child.returncode == -number
    assert [each for each in family if each.is_running() and each.status() != "zombie"] == []
    assert list((home / "tmp").iterdir()) == []


class _Forked:
    """A child that was forked, as far as tests ask for it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        if self._code is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if ended else None
        return self._code

    def wait(self, seconds: float) -> int | None:
        """Its exit code."""
        until(lambda: self.poll() is not None, seconds)
        return self._code

    def close(self) -> None:
        """Have it gone."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(PATIENCE)


@contextlib.contextmanager
def at_terminal(*words: str | Path, **variables: str) -> Iterator[Terminal]:
    """A program whose terminal turns keys into signals."""
    pid, line = pty.fork()
    if pid == 0:
        os.execve(words[0], [str(word) for word in words], {**environment(), **variables})
    child = _Forked(pid)
    try:
        yield Terminal(line, child)  # type: ignore[arg-type]
    finally:
        os.close(line)
        child.close()


def terminal_of(*words: str) -> contextlib.AbstractContextManager[Terminal]:
    """A command of v6sim there."""
    return at_terminal(V6SIM, *words)


def shell() -> contextlib.AbstractContextManager[Terminal]:
    """An interactive shell there."""
    return at_terminal("/bin/bash", "--norc", "--noprofile", "-i", PS1="$ ")


def press(terminal: Terminal, key: bytes) -> None:
    """Press a key that the terminal turns into a signal."""
    os.write(terminal._line, key)


@pytest.mark.parametrize("method", ["regular_expression", "sleep"])
def test_ctrl_c_at_a_terminal(home, method) -> None:
    with terminal_of(*run_words(method, "inline")) as terminal:
        until((home / "begun").exists)
        begun = time.monotonic()
        press(terminal, b"\x03")
        said = terminal.read_all()
        assert terminal.child.wait(PATIENCE) == 130
        assert time.monotonic() - begun < LIMIT
    assert ("ended by force" in said) == (method == "regular_expression")
    assert "Traceback" not in said


def test_ctrl_c_in_the_debugger_ends_the_run(home) -> None:
    with terminal_of(*run_words("stop", "inline")) as terminal:
        terminal.read_until("(Pdb) ")
        terminal.type("p 6 * 7")
        assert "42" in terminal.read_until("(Pdb) ")
        press(terminal, b"\x03")
        terminal.read_all()
        assert terminal.child.wait(LIMIT) == 130


def test_ctrl_c_while_it_waits_for_changes_is_a_good_end(home) -> None:
    with terminal_of(*run_words("rows", "inline", "--watch")) as terminal:
        terminal.read_until("waiting for changes")
        press(terminal, b"\x03")
        said = terminal.read_all()
        assert terminal.child.wait(LIMIT) == 0
    assert "force" not in said


def test_ctrl_z_stops_it_and_it_goes_on_in_the_foreground(home) -> None:
    """By a shell with job control, as a person has it."""
    line = " ".join(run_words("sleep", "inline"))
    with shell() as terminal:
        terminal.type(f"{V6SIM} {line}")
        until((home / "begun").exists)
        press(terminal, b"\x1a")
        assert "Stopped" in terminal.read_until("Stopped")
        pids = [
            int(each.pid) for each in psutil.Process(terminal.child.pid).children(recursive=True)
        ]
        states = {psutil.Process(pid).status() for pid in pids}
        assert states == {"stopped"}
        terminal.type("fg")
        until(lambda: all(psutil.Process(pid).status() != "stopped" for pid in pids))
        press(terminal, b"\x03")
        terminal.type("echo code $?")
        assert re.search(r"code 130", terminal.read_until("code 130"))
        terminal.type("exit")
        terminal.read_all()


def test_it_can_be_done_without(home, monkeypatch) -> None:
    monkeypatch.setenv("V6SIM_SUPERVISOR", "0")
    with running("server", "--port", "0") as (child, _):
        assert psutil.Process(child.pid).children() == []
