"""`v6sim up`, `server` and `node`: what they say, what they refuse, what they leave behind."""

import contextlib
import shlex
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.commands import PATIENCE, V6SIM, ended, environment, running, v6sim
from v6sim.client import Client
from v6sim.wire.payload import serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}
RESEARCHER = ("researcher", "Researcher-1")


def run_average(address: str) -> list[object]:
    with Client(address, *RESEARCHER) as client:
        task = client.wait(client.submit(1, [2, 3], IMAGE, serialize(PARTIAL)))
        return [run.result for run in task.runs]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; one that has ended may wait for init to take note of it."""
    return [each for each in processes if each.is_running() and each.status() != "zombie"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-C", "SIGTERM"])
def test_up_says_what_there_is_and_leaves_nothing_behind(how, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running("up", "--port", "0") as (child, address):
        assert run_average(address) == [{"sum": 253, "count": 4}, {"sum": 173, "count": 4}]
        family = psutil.Process(child.pid).children(recursive=True)
        assert family, "a warm interpreter waits for more runs"
        child.send_signal(how)
        said, complaints = ended(child)
    assert child.returncode == 0
    assert not complaints
    assert not alive(family)
    assert not list(tmp_path.iterdir())
    for expected in (
        "Researcher-1", "  2  example_org1\n", "Collaboration 1: example_collab1\n",
        "node 8 'example_org1 - example_collab1 Node': online\n", "my_other_database = ", IMAGE,
        f"Look at it in a browser: {address.removesuffix('/api')}/_v6sim/\n",
    ):  # fmt: skip
        assert expected in said


def test_nothing_is_left_when_up_is_killed_the_hard_way() -> None:
    with running("up", "--port", "0") as (child, address):
        run_average(address)
        family = psutil.Process(child.pid).children(recursive=True)
        child.kill()
        child.wait()
        psutil.wait_procs(family, timeout=PATIENCE)
        assert not alive(family)


def test_up_shows_the_mails_that_the_server_writes() -> None:
    with running("up", "--port", "0") as (child, address):
        httpx.post(f"{address}/recover/lost", json={"username": "viewer"}).raise_for_status()
        child.terminate()
        said, _ = ended(child)
    assert "Mail to viewer@org1.example: Password reset vantage6" in said
    assert "\ney" in said  # the token, on a line of its own


def test_a_taken_port_is_said_and_is_exit_code_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = v6sim("up", "--port", port)
    assert said.returncode == 2
    assert said.stderr == (
        f"error: cannot listen on 127.0.0.1, port {port}: Address already in use. "
        "Choose another port, or 0 for a free one\n"
    )


MISSING_CSV = """
organizations: [{name: a}]
collaborations:
  - name: c
    participants:
      - name: a
        databases: {default: gone.csv}
"""
NO_RULE = """
organizations:
  - name: a
    roles:
      - name: r
        rules: [{name: port, scope: OWN, operation: DELETE}]
"""
SLIPS = """
settings:
  api_path: api
  two_factor_auht: true
  password_policy: {max_failed_attempt: 3}
  uri: sqlite:///of/a/genuine/server
organizations:
  - name: a
    users: [{username: u, rules: [{name: result, scope: GLOBAL, operation: DELETE}]}]
"""
WRONG = {
    "not there": (None, "there is no such file"),
    "no YAML": ("organizations: [", ":2: is not YAML"),
    "a wrong field": ("organizations:\n  - nmae: x\n", ":2: organizations[0].nmae: "),
    "a missing CSV": (
        MISSING_CSV,
        ":7: collaborations[0].participants[0].databases.default: there is no file 'gone.csv'",
    ),
    "a wrong setting": (
        "settings:\n  hold_seconds: often\n",
        ":2: settings.hold_seconds: expected a number, not 'often'",
    ),
    "a wrong path": (
        SLIPS,
        ":3: settings.api_path: expected a path such as /api, or nothing, not 'api'",
    ),
    "a slip of the pen": (
        SLIPS,
        ":4: settings.two_factor_auht: 'two_factor_auht' is no setting; did you mean 'two_factor_a",
    ),
    "a slip within": (SLIPS, ":5: settings.password_policy.max_failed_attempt: "),
    "a user's rule that is none": (
        SLIPS,
        ":9: organizations[0].users[0].rules[0]: there is no rule result DELETE GLOBAL",
    ),
    "a rule that is none": (
        NO_RULE,
        ":6: organizations[0].roles[0].rules[0]: there is no rule port DELETE OWN",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_world_is_said_and_is_exit_code_2(tmp_path, text, expected) -> None:
    file = tmp_path / "world.yaml"
    if text is not None:
        file.write_text(text)
    for command in (("up", "--port", "0", "--world", file), ("world", "check", file)):
        said = v6sim(*command)
        assert said.returncode == 2
        assert expected in said.stderr
        assert "Traceback" not in said.stderr


def test_keep_takes_the_database_up_again(tmp_path) -> None:
    keep = tmp_path / "kept"
    with running("up", "--port", "0", "--keep", keep) as (_, address):
        run_average(address)
        token = httpx.post(
            f"{address}/token/user",
            json=dict(zip(("username", "password"), RESEARCHER, strict=True)),
        ).json()["access_token"]
        second = v6sim("up", "--port", "0", "--keep", keep)
        assert second.returncode == 2
        assert "another v6sim keeps its database in" in second.stderr
    with running("up", "--port", "0", "--keep", keep) as (_, address):
        bearer = {"Authorization": f"Bearer {token}"}
        tasks = httpx.get(f"{address}/task", headers=bearer).json()
        assert [(task["id"], task["status"]) for task in tasks] == [(1, "completed")]
        run_average(address)
    assert (keep / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_node_elsewhere_does_the_same_as_one_inside_up(tmp_path) -> None:
    data = Path(__file__).parents[2] / "v6sim" / "world" / "builtin" / "manual" / "data"
    with running("server", "--port", "0") as (_, address):
        nodes = [
            running(
                "node", "--server", address, "--api-key", f"00000000-0000-4000-8000-00000000000{n}",
                "--database", f"default={data / f'org{n}.csv'}",
            )
            for n in (1, 2)
        ]  # fmt: skip
        with nodes[0] as (_, known), nodes[1]:
            assert known == address
            assert run_average(address) == [{"sum": 253, "count": 4}, {"sum": 173, "count": 4}]


def test_a_node_that_was_away_does_what_it_missed(tmp_path) -> None:
    data = tmp_path / "a.csv"
    data.write_text("age\n1\n2\n")
    with running("server", "--port", "0") as (_, address), Client(address, *RESEARCHER) as client:
        ticket = client.submit(1, [2], IMAGE, serialize(PARTIAL))
        key = "00000000-0000-4000-8000-000000000001"
        node = ("node", "--server", address, "--api-key", key, "--database", f"default={data}")
        with running(*node):
            assert client.wait(ticket).runs[0].result == {"sum": 3, "count": 2}


WRONG_NODES = {
    "an unknown key": (["--api-key", "nonsense"], "does not know this node's api key"),
    "a missing file": (
        ["--api-key", "x", "--database", "default=gone.csv"],
        "there is no file 'gone.csv'",
    ),
    "a folder": (
        ["--api-key", "x", "--database", "default=/"],
        "--database 'default=/': '/' is a folder; name a file in it",
    ),
    "no database of SQLite": (
        ["--api-key", "x", "--database", "default=sqlite:///gone.db"],
        "--database 'default=sqlite:///gone.db': 'sqlite:///gone.db' leads to no file",
    ),
    "a password": (
        ["--api-key", "x", "--database", "postgresql://ada:secret@host/x"],
        "--database 'postgresql://ada:***@host/x': LABEL=PATH",
    ),
    "labels that clash": (
        [
            "--api-key",
            "x",
            "--database",
            "a=https://x.example",
            "--database",
            "A=https://y.example",
        ],
        "'A' and 'a' look the same to algorithms, which see labels in capitals; rename one",
    ),
    "no label": (
        ["--api-key", "x", "--database", "data.csv"],
        "LABEL=PATH, such as default=data.csv",
    ),
    "no package": (
        ["--api-key", "x", "--algorithm", "image=./gone"],
        "./gone: there is no such folder, .py file or installed package",
    ),
}


@pytest.mark.parametrize(("options", "expected"), WRONG_NODES.values(), ids=WRONG_NODES.keys())
def test_a_wrong_node_is_said_and_is_exit_code_2(options, expected) -> None:
    with running("server", "--port", "0") as (_, address):
        said = v6sim("node", "--server", address, *options)
    assert said.returncode == 2
    assert expected in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("server", "why"),
    {
        "ftp://somewhere": "ftp:// is not spoken here",
        "http://": "it has no proper host name",
        "http:/somewhere": "it has no proper host name",
        "http://some where": "it has no proper host name",
        "http://somewhere:port": "Port could not be cast",
        "http://somewhere/api?key=1": "nothing may follow its path",
    }.items(),
)
def test_a_malformed_address_is_said(server, why) -> None:
    for command in (("node", "--api-key", "x"), ("explain", "root", "GET", "/task")):
        said = v6sim(*command, "--server", server)
        assert said.returncode == 2
        assert f"error: --server {server!r}: {why}" in said.stderr
        assert "expected the address of a server, such as http://127.0.0.1:5000/api" in said.stderr


OWN_WORLD = """
organizations:
  - {name: north, users: [{username: u, password: "[bold]p[/bold]", roles: [Researcher]}]}
  - {name: lonely}
collaborations:
  - name: study
    encrypted: false
    participants:
      - {name: north, databases: {default: a.csv}}
"""


@pytest.fixture
def own_world(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("age\n1\n2\n")
    (tmp_path / "world.yaml").write_text(OWN_WORLD)
    return tmp_path / "world.yaml"


def test_up_shows_names_and_passwords_as_they_are(own_world) -> None:
    with running("up", "--port", "0", "--world", own_world, "--show-passwords") as (child, _):
        child.terminate()
        said, _ = ended(child)
    assert " [bold]p[/bold] " in said
    assert "  3  lonely\n" in said


def test_a_server_alone_says_how_to_start_its_nodes(own_world) -> None:
    words = ("server", "--port", "0", "--world", own_world, "--show-passwords")
    with running(*words) as (child, address):
        assert child.stdout
        lines = iter(child.stdout.readline, "")
        node = next(line for line in lines if line.startswith("Node "))
        assert node == "Node 'north - study Node' of organization 'north':\n"
        with (
            running(*shlex.split(next(lines))[1:]),
            Client(address, "u", "[bold]p[/bold]") as client,
        ):
            task = client.wait(client.submit(1, [2], IMAGE, serialize(PARTIAL)))
            assert task.runs[0].result == {"sum": 3, "count": 2}


def test_a_node_says_when_its_server_goes_and_comes_back(own_world, tmp_path) -> None:
    server = ("server", "--world", own_world, "--keep", tmp_path / "kept", "--show-passwords",
              "--port")  # fmt: skip
    with contextlib.ExitStack() as stack:
        with running(*server, "0") as (child, address):
            assert child.stdout
            command = next(line for line in child.stdout if line.startswith("  "))
            node, _ = stack.enter_context(running(*shlex.split(command)[1:]))
        assert node.stderr
        assert f"{address} is away, trying on: " in node.stderr.readline()
        stack.enter_context(running(*server, str(urlsplit(address).port)))
        assert f"{address} is back" in node.stderr.readline()


def test_the_key_of_a_node_need_not_be_on_the_command_line() -> None:
    help_text = v6sim("node", "--help").stdout
    assert "V6SIM_API_KEY" in help_text


def test_ctrl_c_while_starting_ends_it_at_once() -> None:
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [V6SIM, "node", "--server", "http://127.0.0.1:9", "--api-key", "x"], cwd=folder,
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stderr
        assert "127.0.0.1:9" in child.stderr.readline()  # it says once that it waits for the server
        child.send_signal(signal.SIGINT)
        ended(child)
        assert child.returncode == 0
