"""The secret of a v6sim: who is told it, who finds it, and where it never is."""

import re
import signal
import stat
from pathlib import Path

import httpx
import pytest

from tests.commands import ended, running, v6sim
from tests.e2e.terminal import at_terminal
from v6sim.client import Client
from v6sim.control_client import CannotReach, ControlClient, ControlRefused
from v6sim.runtime.secret_file import find_secret
from v6sim.wire.payload import serialize

SECRET = "a-secret-of-the-tests"
FILE = re.compile(r"The secret that opens everything there is in (\S+)")
LINK = re.compile(r"http://\S+/_v6sim/ui/open\?secret=(\S+)")

TELLING = """
import os, subprocess, sys

def RPC_tell(data):
    print("own", dict(os.environ))
    print("of children", subprocess.run(["env"], capture_output=True, text=True).stdout)
    code = "import os; print(dict(os.environ))"
    print("of Python", subprocess.run([sys.executable, "-c", code], capture_output=True).stdout)
    return {"seen": sorted(os.environ)}

def master(client, data):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "tell"}, ids)
    while not client.get_task(task["id"])["complete"]:
        pass
    return RPC_tell(data)
"""
WORLD = """
organizations:
  - name: one
    users: [{username: ada, password: Ada-12345, roles: [Researcher]}]
collaborations:
  - name: trial
    participants: [{name: one, databases: {default: one.csv}}]
algorithms: {telling: telling.py}
"""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime folder of the test's own."""
    (tmp_path / "runtime").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("V6SIM_CONTROL_TOKEN", raising=False)
    return tmp_path / "runtime"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A world with an algorithm that tells its environment."""
    (tmp_path / "one.csv").write_text("age\n30\n")
    (tmp_path / "telling.py").write_text(TELLING)
    (tmp_path / "world.yaml").write_text(WORLD)
    return tmp_path / "world.yaml"


@pytest.mark.parametrize("verb", ["up", "server"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-C", "SIGTERM"])
def test_into_a_pipe_goes_the_path_of_its_file_which_goes_with_the_server(
    runtime: Path, verb: str, how: int
) -> None:
    with running(verb, "--port", "0") as (child, address):
        found = find_secret(address)
        assert found is not None
        child.send_signal(how)
        said, complaints = ended(child)
    file = FILE.search(said)
    assert file
    assert Path(file[1]).parent == runtime / "v6sim"
    assert re.fullmatch(r"127\.0\.0\.1-\d+\.json", Path(file[1]).name)
    assert found.secret not in said + complaints
    assert list((runtime / "v6sim").iterdir()) == []


def test_its_file_is_for_the_user_alone(runtime: Path) -> None:
    with running("up", "--port", "0"):
        [file] = (runtime / "v6sim").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_killed_server_left_is_removed_by_the_next(runtime: Path) -> None:
    with running("up", "--port", "0") as (child, address):
        child.kill()
        child.wait()
    assert len(list((runtime / "v6sim").iterdir())) == 1
    assert find_secret(address) is None
    with running("server", "--port", "0") as (_, other):
        assert find_secret(other)
        assert len(list((runtime / "v6sim").iterdir())) == 1


def test_to_a_terminal_the_link_is_shown_that_opens_all(runtime: Path, tmp_path: Path) -> None:
    with at_terminal("up", "--port", "0", cwd=tmp_path) as terminal:
        said = terminal.read_until("Images, and what is run for them")
        link = LINK.search(said)
        assert link
        with httpx.Client(trust_env=False) as http:
            assert http.get(link[0]).status_code == 200
            page = http.get(f"{link[0].partition('/ui/')[0]}/ui/controls")
        assert "Take a snapshot" in page.text
        terminal.child.send_signal(signal.SIGINT)
        terminal.read_all()
    assert list((runtime / "v6sim").iterdir()) == []


def test_commands_find_it_or_are_given_it(runtime: Path, tmp_path: Path, monkeypatch) -> None:
    with running("up", "--port", "0") as (_, address):
        port = address.removesuffix("/api").rpartition(":")[2]
        found = find_secret(address)
        assert found is not None
        for server in (address, f"http://localhost:{port}", f"http://localhost:{port}/"):
            assert v6sim("egress", "--server", server).returncode == 0
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "elsewhere"))  # as another user
        refused = v6sim("egress", "--server", address)
        assert refused.returncode == 2
        assert "V6SIM_CONTROL_TOKEN" in refused.stderr
        (tmp_path / "token").write_text(f"{found.secret}\n")
        words = ("egress", "--server", address, "--token-file")
        assert v6sim(*words, tmp_path / "token").returncode == 0
        (tmp_path / "wrong").write_text("wrong")
        wrong = v6sim(*words, tmp_path / "wrong")
        assert (wrong.returncode, "not the secret" in wrong.stderr) == (2, True)
        missing = v6sim(*words, tmp_path / "missing")
        assert (missing.returncode, "Traceback" in missing.stderr) == (2, False)
        (tmp_path / "empty").write_text("two words")
        assert "expected the secret" in v6sim(*words, tmp_path / "empty").stderr
        monkeypatch.setenv("V6SIM_CONTROL_TOKEN", found.secret)
        assert v6sim("egress", "--server", address).returncode == 0


def test_a_given_one_is_that_of_the_server(runtime: Path, monkeypatch) -> None:
    monkeypatch.setenv("V6SIM_CONTROL_TOKEN", SECRET)
    with running("up", "--port", "0") as (_, address), ControlClient(address, SECRET) as control:
        assert control.ask("GET", "/outbox") == []
        with ControlClient(address, "another") as wrong, pytest.raises(ControlRefused):
            wrong.ask("GET", "/outbox")
    monkeypatch.setenv("V6SIM_CONTROL_TOKEN", "short")
    done = v6sim("up", "--port", "0")
    assert done.returncode == 2
    assert "control_token: expected 16 or more characters" in done.stderr
    assert "'short'" not in done.stderr


def test_it_is_not_sent_to_whom_it_is_not_of(runtime: Path) -> None:
    """A name of others is not looked up; a server that has gone gives its port to anybody."""
    with running("up", "--port", "0") as (_, address):
        port = address.removesuffix("/api").rpartition(":")[2]
        with ControlClient(f"http://v6.example:{port}") as control, pytest.raises(CannotReach):
            control.ask("GET", "/outbox")


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_it_never_reaches_an_algorithm_or_a_log(
    world: Path, runtime: Path, tmp_path: Path, executor: str, monkeypatch
) -> None:
    monkeypatch.setenv("V6SIM_CONTROL_TOKEN", SECRET)
    words = ("up", "--verbose", "--port", "0", "--world", world, "--executor", executor)
    with running(*words) as (child, address):
        with Client(address, "ada", "Ada-12345") as client:
            task = client.wait(client.submit(1, [2], "telling", serialize({"method": "tell"})))
        assert task.is_good, task.runs[0].log
        assert "of children" in (task.runs[0].log or "")
        httpx.get(f"{address.removesuffix('/api')}/_v6sim/ui/open", params={"secret": SECRET})
        with ControlClient(address, SECRET) as control:
            paths = ("/journal", "/journal/events", "/egress?full=1", "/decisions", "/outbox")
            told = [control.ask("GET", path) for path in paths]
        traced = v6sim("trace", "1", "--server", address, "--to", tmp_path / "trace.json")
        assert traced.returncode == 0, traced.stderr
        child.terminate()
        said, complaints = ended(child)
    files = (tmp_path / "trace.json").read_text()
    assert SECRET not in f"{task.runs} {told} {files} {traced} {said} {complaints}"


def test_it_never_reaches_a_recording_or_a_report(world: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("V6SIM_CONTROL_TOKEN", SECRET)
    folder = world.parent
    done = v6sim(
        "run", folder / "telling.py", "--method", "master", "--data", folder / "one.csv",
        "--verbose", "--record", tmp_path / "recorded", "--junit", tmp_path / "report.xml",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = [each for each in (tmp_path / "recorded").rglob("*") if each.is_file()]
    assert written
    for file in (*written, tmp_path / "report.xml"):
        assert SECRET.encode() not in file.read_bytes(), file
    assert SECRET not in done.stdout + done.stderr
