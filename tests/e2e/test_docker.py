"""Docker from the command line: built and run in one go, and nothing left, whatever happens."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from tests.commands import PATIENCE, running, v6sim
from tests.engines import OwnEngine
from tests.images import average_project, engine, python_image
from v6sim.client import Client
from v6sim.control_client import ControlClient
from v6sim.wire.payload import serialize

ROOT = Path(__file__).parents[2]
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}
MASTER = {"master": True, "method": "master", "kwargs": {"column_name": "age"}}

T = TypeVar("T")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return average_project(tmp_path_factory.mktemp("projects") / "v6sim-test-average")


@pytest.fixture
def world(project: Path, tmp_path: Path) -> Path:
    """A world of two organizations with `average`, and `sleep`, which does not end by itself."""
    (tmp_path / "sleep").mkdir()
    (tmp_path / "sleep" / "Dockerfile").write_text(
        f"FROM {python_image()}\nCMD trap '' TERM INT; while true; do sleep 1; done\n"
    )
    data = ROOT / "v6sim" / "world" / "builtin" / "manual" / "data"
    content = {
        "organizations": [
            {
                "name": "North",
                "users": [{"username": "rosa", "password": "Rosa-1", "roles": ["Researcher"]}],
            },
            {"name": "South"},
        ],
        "collaborations": [
            {
                "name": "Study",
                "encrypted": False,
                "participants": [
                    {"name": "North", "databases": {"default": str(data / "org1.csv")}},
                    {
                        "name": "South",
                        "databases": {"default": str(data / "org2.csv")},
                        "allowed_images": ["average$", "sleep"],
                    },
                ],
            }
        ],
        "algorithms": {
            "average": {"build": str(project)},
            "sleep": {"build": "sleep"},
            "gone": {"package": str(project / "v6_average")},
        },
        "executor": "docker",
    }
    path = tmp_path / "world.json"
    path.write_text(json.dumps(content))
    return path


def left_of(pid: int, client: Any = None) -> list[str]:
    """Names of what a process has in Docker."""
    api = (client or engine()).api
    rows = [
        *api.containers(all=True, filters={"label": "v6sim.owner"}),
        *api.networks(filters={"label": "v6sim.owner"}),
        *(api.volumes(filters={"label": "v6sim.owner"})["Volumes"] or []),
    ]
    return [
        row.get("Name") or row["Names"][0]
        for row in rows
        if row["Labels"]["v6sim.owner"].split("/")[1] == str(pid)
    ]


def until(is_so: Callable[[], T]) -> T:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not (found := is_so()):
        assert time.monotonic() < end
    return found


def start_sleeping(address: str, organization: int = 2) -> None:
    """Have the image `sleep` run, and wait until it does."""
    with Client(address, "rosa", "Rosa-1") as client:
        ticket = client.submit(1, [organization], "sleep", serialize(PARTIAL))
        until(lambda: client.look(ticket).runs[0].status == "active")


# --- the course of things ---


def test_a_dockerfiles_package_is_built_and_run_in_one_go(project: Path, tmp_path: Path) -> None:
    for name, rows in {"north": "1\n2\n", "south": "3\n4\n"}.items():
        (tmp_path / f"{name}.csv").write_text(f"x\n{rows}")
    (project / "changed").write_text(str(time.time_ns()))
    words: list[str | Path] = ["run", project, "--executor", "docker", "--method", "master",
             "--kwarg", "column_name=x", "--data", tmp_path / "north.csv",
             "--data", tmp_path / "south.csv"]  # fmt: skip
    first, second = v6sim(*words), v6sim(*words)
    for done in (first, second):
        assert done.returncode == 0, done.stderr
        assert "{'average': 2.5}" in done.stdout
    assert "COPY . /app" in first.stderr
    assert "COPY . /app" not in second.stderr


def failing(folder: Path) -> Path:
    """A package whose image cannot be built."""
    package = average_project(folder)
    (package / "Dockerfile").write_text(
        f"FROM {python_image()}\nRUN echo it went $((6 * 7)) times && exit 7\nRUN echo never\n"
    )
    return package


def test_a_build_that_fails_is_told_once_with_the_step_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    junit = tmp_path / "junit.xml"
    words: list[str | Path] = ["run", failing(tmp_path / "failing"), "--executor", "docker",
             "--method", "master", "--data", tmp_path / "a.csv", "--junit", junit]  # fmt: skip
    done = v6sim(*words)
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert said.count("it went 42 times") == 1
    assert said.count("returned a non-zero code: 7") == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: the image 'failing' cannot be built from")
    assert "RUN echo it went" in last
    assert "it went 42 times" in junit.read_text()  # where nobody has seen it


def test_a_matrix_whose_build_fails_tries_it_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text("x\n1\n")
    done = v6sim(
        "run", failing(tmp_path / "failing"), "--executor", "docker", "--method", "master",
        "--matrix", tmp_path / "one", "--matrix", tmp_path / "two", "--junit", "junit.xml",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert (done.stdout + done.stderr).count("it went 42 times") == 1
    assert "0 of 2 are good" in done.stdout
    report = (tmp_path / "junit.xml").read_text()
    assert 'errors="2"' in report
    assert report.count("it went 42 times") == 1


def test_under_up_a_build_that_fails_is_told_and_is_whole_in_the_runs_log(
    tmp_path: Path, world: Path
) -> None:
    content = json.loads(world.read_text())
    content["algorithms"]["average"] = {"build": str(failing(tmp_path / "failing"))}
    world.write_text(json.dumps(content))
    with running("up", "--world", world, "--port", "0") as (child, address):
        with Client(address, "rosa", "Rosa-1") as client:
            task = client.wait(client.submit(1, [2], "average", serialize(PARTIAL)))
        child.terminate()
        _, said = child.communicate(timeout=PATIENCE)
    log = task.runs[0].log
    assert task.runs[0].status == "start failed"
    for text in (log, said):
        assert text.count("it went 42 times") == 1
        assert text.rstrip().endswith("returned a non-zero code: 7")


def test_a_federation_of_containers(world: Path) -> None:
    with running("up", "--world", world, "--port", "0") as (child, address):
        with Client(address, "rosa", "Rosa-1") as client:
            task = client.wait(client.submit(1, [2], "average", serialize(MASTER)))
            assert task.is_good, [run.log for each in task for run in each.runs]
            assert task.runs[0].result == {"average": 53.25}
            refused = client.wait(client.submit(1, [3], "gone", serialize(PARTIAL)))
            unknown = client.wait(client.submit(1, [2], "gone", serialize(PARTIAL)))
        assert left_of(child.pid)
        child.terminate()
        child.communicate(timeout=PATIENCE)
        assert child.returncode == 0
        assert not left_of(child.pid)
    assert refused.runs[0].status == "failed"
    assert "this node does not run the image 'gone'" in refused.runs[0].log
    assert unknown.runs[0].status == "non-existing Docker image"
    assert "the engine has no local image of this name; no `build`" in unknown.runs[0].log


def test_what_image_names_lead_to_is_listed(world: Path) -> None:
    done = v6sim("images", "--world", world)
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert lines["average"].startswith("built from /")
    assert lines["gone"].startswith("nothing: the engine has no local image of this name; no `b")


def test_without_an_engine_it_says_so(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/socket")
    for words in (["up", "--world", str(world), "--port", "0"], ["clean"], ["images"]):
        done = v6sim(*words)
        assert done.returncode == 2
        assert done.stderr.startswith("error: the Docker engine does not answer (")
        assert "Traceback" not in done.stderr


def test_what_runs_leave_persists_until_a_reset(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setenv("TMPDIR", str(folders))
    content = json.loads(world.read_text())
    content["collaborations"][0]["participants"][0]["persist"] = True
    (tmp_path / "leave").mkdir()
    (tmp_path / "leave" / "Dockerfile").write_text(
        f"FROM {python_image()}\nCMD echo x >> /mnt/data/left; cat /mnt/data/left\n"
    )
    content["algorithms"]["leave"] = {"build": "leave"}
    content["collaborations"][0]["participants"][1]["allowed_images"] = []
    world.write_text(json.dumps(content))

    def left(organization: int) -> int:
        with Client(address, "rosa", "Rosa-1") as client:
            task = client.wait(client.submit(1, [organization], "leave", serialize(PARTIAL)))
        return task.runs[0].log.count("x\n")

    with running("up", "--world", world, "--port", "0") as (child, address):
        assert [left(2), left(2), left(3), left(3)] == [1, 2, 1, 1]
        with ControlClient(address) as control:
            control.ask("POST", "reset")
        assert left(2) == 1
        child.kill()
        child.wait()
        v6sim("clean")
    assert not list(folders.iterdir())
    assert not left_of(child.pid)


# --- faults ---


def test_what_a_kill_left_is_removed_and_nothing_else(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setenv("TMPDIR", str(folders))
    with running("up", "--world", world, "--port", "0") as (other, its_address):
        start_sleeping(its_address)
        others = left_of(other.pid)
        with running("up", "--world", world, "--port", "0") as (child, address):
            start_sleeping(address)
            child.kill()
            child.wait()
            left = left_of(child.pid)
            assert len(list(folders.iterdir())) == 2 * 3  # each: two nodes', and the doors
            assert any("-run-" in name for name in left)
            assert len(left) == 5  # the run, and two networks with a door each
            done = v6sim("clean")
        for name in left:
            assert name.lstrip("/") in done.stdout
        assert not left_of(child.pid)
        assert set(left_of(other.pid)) == set(others)
        assert len(list(folders.iterdir())) == 3
    assert not list(folders.iterdir())
    assert "folder" not in v6sim("clean").stdout


def test_a_start_removes_what_a_kill_left(world: Path) -> None:
    with running("up", "--world", world, "--port", "0") as (child, address):
        start_sleeping(address)
        child.kill()
        child.wait()
    assert left_of(child.pid)
    with running("up", "--world", world, "--port", "0"):
        assert not left_of(child.pid)


def test_a_run_that_ignores_signals_ends_with_its_node(world: Path) -> None:
    with running("up", "--world", world, "--port", "0") as (child, address):
        start_sleeping(address)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=PATIENCE)
        assert child.returncode == 0
        assert not left_of(child.pid)


def test_what_has_to_be_ended_by_force_leaves_no_containers_either(world: Path) -> None:
    with running("up", "--world", world, "--port", "0") as (child, address):
        start_sleeping(address)
        assert left_of(child.pid)
        (worker,) = psutil.Process(child.pid).children()
        worker.suspend()
        child.terminate()
        assert child.wait(10) == 128 + signal.SIGTERM
        until(lambda: not left_of(child.pid))


@pytest.fixture
def own_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnEngine]:
    with OwnEngine(python_image()) as own:
        monkeypatch.setenv("DOCKER_HOST", own.url)
        yield own


def test_an_engine_that_stops_ends_its_runs_and_the_node_goes_on_once_it_is_back(
    world: Path, own_engine: OwnEngine
) -> None:
    with running("up", "--world", world, "--port", "0") as (child, address):
        with Client(address, "rosa", "Rosa-1") as client:
            ticket = client.submit(1, [2], "sleep", serialize(PARTIAL))
            until(lambda: client.look(ticket).runs[0].status == "active")
            own_engine.stop()
            (run,) = client.wait(ticket).runs
            assert run.status == "crashed"
            away = client.wait(client.submit(1, [2], "average", serialize(PARTIAL)))
            assert away.runs[0].status == "failed"
            assert "the Docker engine failed" in away.runs[0].log
            own_engine.start()
            task = client.wait(client.submit(1, [2], "average", serialize(MASTER)))
            assert task.is_good, [run.log for each in task for run in each.runs]
        child.terminate()
        child.communicate(timeout=PATIENCE)
        with own_engine.client() as own:
            assert not left_of(child.pid, own)
