"""The sandbox in Docker, from its build to the result of a genuine client's task to its end.

This is what docs/sandbox.md tells; tests/e2e/test_handout.py has its part on handing out.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest

from tests.commands import until
from tests.components import lacking
from tests.compose.stack import SERVICES, Stack, inspect, memory, runs_of
from tests.genuine.environments import CLIENTS
from tests.images import engine, python_image
from v6sim.client import Client
from v6sim.control_client import ControlClient
from v6sim.wire.payload import serialize

pytestmark = pytest.mark.xdist_group("compose")

ONCE = pytest.mark.parametrize("built", ["v2"], indirect=True)
"""For what is the same whichever Compose brings it up."""

MEGABYTE = 10**6
BASE_SIZE = 131 * MEGABYTE
"""What the genuine base image has on amd64."""

SCRIPTS = Path(__file__).parents[1] / "genuine" / "scripts"
CONNECT = """
import json, os, socket
def attempt(host, port):
    try:
        socket.create_connection((host, port), 2).close()
    except OSError as error:
        return type(error).__name__
    return 'connected'
print(json.dumps([attempt(*each) for each in %r]))
print(json.dumps([os.listdir('/mnt/data'), os.path.exists('/var/run/docker.sock')]))
"""


@pytest.fixture(scope="package")
def said(built: Stack) -> str:
    """What is said as the sandbox comes up."""
    return built.sandbox()


@pytest.fixture
def stack(built: Stack, said: str) -> Stack:
    """The sandbox, up."""
    return built


@pytest.fixture
def image(stack: Stack, tmp_path: Path) -> Iterator[Any]:
    """Makes an image of a program, for the nodes to run."""
    made: list[str] = []

    def make(program: str) -> str:
        (tmp_path / "program.py").write_text(program)
        (tmp_path / "Dockerfile").write_text(
            f'FROM {python_image()}\nCOPY program.py /\nCMD ["python", "/program.py"]\n'
        )
        made.append(f"{stack.project}/probe{len(made)}")
        engine().images.build(path=str(tmp_path), tag=made[-1], rm=True)
        return made[-1]

    yield make
    for name in made:
        engine().images.remove(name, force=True)


def researcher(stack: Stack) -> Client:
    return Client(stack.api, "researcher", stack.passwords()["researcher"])


@contextmanager
def inspector(stack: Stack, username: str) -> Iterator[httpx.Client]:
    """A browser, so to speak, in which somebody has logged in."""
    url = f"http://127.0.0.1:{stack.port}/_v6sim/ui/"
    with httpx.Client(base_url=url, follow_redirects=True, trust_env=False) as http:
        [token] = re.findall('name="token" value="([^"]+)"', http.get("login").text)
        form = {"token": token, "username": username, "password": stack.passwords()[username]}
        assert http.post("login", data=form).status_code == 200
        yield http


def test_one_word_brings_it_up_runs_the_averages_and_tells_the_logins(
    stack: Stack, said: str
) -> None:
    assert "{'average': 53.25}" in said
    assert f"http://127.0.0.1:{stack.port}/_v6sim/" in said
    assert "cat /state/logins" in said
    for secret in (*stack.passwords().values(), stack.secret()):
        assert secret not in said, "this may be the log of a CI"


@ONCE
def test_to_a_terminal_it_tells_the_logins_and_a_link_that_opens_all(stack: Stack) -> None:
    said = stack.sandbox(terminal=True)
    for username, password in stack.passwords().items():
        assert f"{username} " in said
        assert password in said
    link = re.search(r"http://\S+/ui/open\?secret=\S+", said)
    assert link
    with httpx.Client(follow_redirects=True, trust_env=False) as http:
        assert http.get(link[0]).status_code == 200
        root = f"http://127.0.0.1:{stack.port}/_v6sim"
        assert "Take a snapshot" in http.get(f"{root}/ui/controls").text


@ONCE
def test_the_images_are_small_and_hold_nothing_to_build_with(stack: Stack) -> None:
    own = engine().images.get(f"{stack.project}/server")
    layers = [each["Size"] for each in own.history()]
    print(f"{stack.project}/server: {own.attrs['Size'] / MEGABYTE:.0f} MB")
    assert own.attrs["Size"] < 200 * MEGABYTE
    assert sum(layers[:-1]) + BASE_SIZE < 200 * MEGABYTE  # all but the one of the stand-in
    tools = ("gcc", "cc", "make", "ld", "git")
    code = f"import shutil; print([each for each in {tools} if shutil.which(each)])"
    for service in ("server", "node-1"):
        assert stack("exec", "-T", service, "python", "-c", code).strip() == "[]"
        assert "No module named pip" in stack(
            "exec", "-T", service, "python", "-m", "pip", check=False
        )


@ONCE
@pytest.mark.parametrize("service", SERVICES)
def test_no_process_is_roots_or_has_any_rights(stack: Stack, service: str) -> None:
    code = "print(open('/proc/1/status').read())"
    status = dict(
        line.split(":\t")
        for line in stack("exec", "-T", service, "python", "-c", code).splitlines()
        if ":\t" in line
    )
    assert status["Uid"].split() == ["1000"] * 4
    assert int(status["CapEff"], 16) == 0
    assert int(status["NoNewPrivs"]) == 1


@ONCE
def test_ports_are_for_this_machine_alone(stack: Stack) -> None:
    for service in SERVICES:
        ports = stack.container(service).attrs["NetworkSettings"]["Ports"]
        published = [each["HostIp"] for bindings in ports.values() for each in bindings or ()]
        assert published == (["127.0.0.1"] if service == "server" else [])


@ONCE
def test_secrets_are_new_ones_and_told_nowhere_else(stack: Stack) -> None:
    passwords = stack.passwords()
    assert passwords["researcher"] != "Researcher-1"
    assert passwords["root"] != "root"
    code = "print(open('/state/secrets.json').read())"
    secrets = json.loads(stack("exec", "-T", "server", "python", "-c", code)).values()
    assert stack.secret() in secrets
    # JWT, users without the header of their table, nodes, and what opens everything
    assert len(set(secrets)) == 1 + len(passwords) - 1 + 3 + 1
    told = stack("logs") + stack("config") + "".join(map(inspect, map(stack.container, SERVICES)))
    assert "is online" in told
    assert not [secret for secret in secrets if secret in told]


def test_the_genuine_client_gets_the_average_from_outside(stack: Stack, tmp_path: Path) -> None:
    environment = CLIENTS["3.7.3"]
    if not environment.is_ready:
        lacking("the genuine client 3.7.3", "make genuine")
    what = {
        "username": "researcher",
        "password": stack.passwords()["researcher"],
        "private_key": None,
        "tasks": [
            {
                "collaboration": 1,
                "organizations": [2],
                "image": f"{stack.project}/average",
                "input": {"method": "master", "master": True, "kwargs": {"column_name": "age"}},
            }
        ],
    }
    out = tmp_path / "out.json"
    script = [str(environment.python), str(SCRIPTS / "tasks.py")]
    words = [*script, "http://127.0.0.1", str(stack.port), json.dumps(what), str(out)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    [[run]] = json.loads(out.read_text())["tasks"]
    assert run["result"] == {"average": 53.25}, run["log"]


@ONCE
def test_an_algorithm_reaches_its_proxy_and_nothing_of_the_sandbox(stack: Stack, image) -> None:
    targets = [("proxyserver", 8080), ("server", 5000), ("node-1", 8080)]
    for service in SERVICES:
        (network,) = stack.container(service).attrs["NetworkSettings"]["Networks"].values()
        targets += [(network["IPAddress"], 5000), (network["IPAddress"], 8080)]
    targets.append((network["Gateway"], stack.port))
    name = image(CONNECT % targets)
    with researcher(stack) as client:
        (run,) = client.wait(client.submit(1, [3], name, serialize({"method": "x"}))).runs
    reached, (files, engine_there) = map(json.loads, run.log.splitlines()[:2])
    assert reached[0] == "connected"
    assert "connected" not in reached[1:]
    assert not engine_there
    assert {each for each in files if not each.startswith("task-")} == {
        "org2.csv",
        "org2_visits.csv",
    }


@ONCE
def test_what_is_ours_alone_is_for_who_has_the_secret(stack: Stack) -> None:
    journal = f"http://127.0.0.1:{stack.port}/_v6sim/journal"
    assert httpx.get(journal, trust_env=False).status_code == 401
    with ControlClient(stack.api, stack.secret()) as control:
        assert control.ask("GET", "/journal")
    code = (
        "from http.client import HTTPConnection as C; c = C('server', 5000); "
        "c.request('GET', '/_v6sim/journal', headers={'Host': 'localhost'}); "
        "print(c.getresponse().status)"
    )
    assert stack("exec", "-T", "node-1", "python", "-c", code).strip() == "401"


@ONCE
def test_commands_in_the_container_of_the_server_find_the_secret(stack: Stack) -> None:
    words = ("exec", "-T", "server", "v6sim", "egress", "--server", "http://localhost:5000")
    assert "v6sim node --egress FILE" in stack(*words, check=False)


@ONCE
def test_it_answers_for_its_names_and_pages_of_this_machine_alone(stack: Stack) -> None:
    url = f"{stack.api}/version"
    asks = [
        ({"Host": "evil.example"}, 421, None), ({"Host": "server:5000"}, 200, None),
        ({"Origin": "http://evil.example"}, 200, None),
        ({"Origin": "http://127.0.0.1:8080"}, 200, "http://127.0.0.1:8080"),
    ]  # fmt: skip
    for headers, status, origin in asks:
        answer = httpx.get(url, headers=headers, trust_env=False)
        assert answer.status_code == status
        assert answer.headers.get("access-control-allow-origin") == origin


@ONCE
def test_the_inspector_shows_the_log_and_the_environment_of_a_run_while_it_runs(
    stack: Stack, image
) -> None:
    name = image("import time; print('so far so good', flush=True); time.sleep(1000)")
    with researcher(stack) as client, inspector(stack, "researcher") as page:
        ticket = client.submit(1, [2], name, serialize({"method": "x"}))
        run = client.look(ticket).runs[0].id
        until(lambda: "so far so good" in page.get(f"runs/{run}").text)
        until(lambda: "USER_REQUESTED_DATABASE_LABEL" in page.get(f"runs/{run}").text)
    with Client(stack.api, "root", stack.passwords()["root"]) as root:
        root.kill(ticket)


@ONCE
def test_it_is_content_with_little_memory(stack: Stack) -> None:
    used = {service: memory(stack.container(service)) / MEGABYTE for service in SERVICES}
    print({service: f"{size:.0f} MB" for service, size in used.items()})
    assert sum(used.values()) < 400


@ONCE
def test_what_a_killed_node_left_is_removed_as_it_comes_again(stack: Stack, image) -> None:
    name = image("import time; time.sleep(1000)")
    with researcher(stack) as client:
        ticket = client.submit(1, [2], name, serialize({"method": "x"}))
        until(lambda: client.look(ticket).runs[0].status == "active")
        node = stack.container("node-1")
        left = {each.name for each in runs_of(node.id)}
        assert any("-run-" in each for each in left)
        node.remove(force=True)  # so that it comes as another container
        stack("up", "-d")
        until(lambda: not {each.name for each in runs_of(node.id)})
        again = stack.container("node-1")
        until(lambda: any("-run-" in each.name for each in runs_of(again.id)))  # it is made anew
        with httpx.Client(base_url=stack.api, trust_env=False) as http:
            login = {"username": "root", "password": stack.passwords()["root"]}
            token = http.post("/token/user", json=login).json()["access_token"]
            http.headers["Authorization"] = f"Bearer {token}"
            assert http.post("/kill/task", json={"id": ticket.task_id}).status_code == 200
        until(lambda: client.look(ticket).runs[0].status == "killed by user")


def test_what_it_knows_stays_over_an_end_until_that_is_removed_too(stack: Stack) -> None:
    passwords, secret = stack.passwords(), stack.secret()
    nodes = [stack.container(each).id for each in SERVICES[1:]]
    stack("down")
    assert not [each.name for node in nodes for each in runs_of(node)]
    assert len(stack.left()["volumes"]) >= 2
    stack("up", "-d")
    until(lambda: _is_healthy(stack, "node-3"))
    assert (stack.passwords(), stack.secret()) == (passwords, secret)
    with researcher(stack) as client:
        assert client.collaborations() == {"example_collab1": 1}
    nodes = [stack.container(each).id for each in SERVICES[1:]]
    stack.sandbox("down")
    assert stack.left() == {"containers": [], "volumes": [], "networks": []}
    assert not [each.name for node in nodes for each in runs_of(node)]


def _is_healthy(stack: Stack, service: str) -> bool:
    try:
        container = stack.container(service)
    except (docker.errors.NotFound, IndexError):
        return False
    return bool(container.attrs["State"].get("Health", {}).get("Status") == "healthy")
