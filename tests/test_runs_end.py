"""Runs of a federation whose nodes cannot finish them: they end, and say why."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from v6sim import AlgorithmFailed, Sandbox, World
from v6sim import wait_notices as notices
from v6sim.client import ApiError
from v6sim.node import master_waits
from v6sim.node.errors import EncryptionMismatch, NodeRefused
from v6sim.sandbox import RunningTask
from v6sim.testing import assert_emitted

AVERAGE = "harbor2.vantage6.ai/demo/average"
HERE, THERE = "example_org1", "example_org2"
NODE = "example_org1 - example_collab1 Node"
TASK: dict[str, Any] = {"kwargs": {"column_name": "age"}, "user": "collaboration_admin"}
AT_HERE: dict[str, Any] = {**TASK, "organizations": [HERE]}
RIGHT = {"sum": 253, "count": 4}


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox("manual", executor="inline") as box:
        yield box


@pytest.fixture
def box(running: Sandbox) -> Iterator[Sandbox]:
    running.reset()
    yield running
    running.reset()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is patient."""
    for module in (notices, master_waits):
        monkeypatch.setattr(module, "SECONDS", 0.0)


def delete_node(box: Sandbox) -> None:
    with box.http("root") as root:
        [node] = [each for each in root.get("/node").json() if each["name"] == NODE]
        assert root.delete(f"/node/{node['id']}").status_code == 200


# --- nodes that do not come back ---


def test_a_run_at_a_node_that_is_deleted_ends_and_so_does_its_algorithm(box: Sandbox) -> None:
    with box.faults.node(HERE).slow() as slow:
        task = box.submit(AVERAGE, "average_partial", **AT_HERE)
        slow.wait()
        delete_node(box)
        outcome = task.wait()
    assert outcome.status == "failed"
    assert f"('{NODE}'), which this run was for, was deleted" in outcome.logs[HERE]
    assert_emitted(box, "kill_containers")
    assert_emitted(box, "status_update")


LINGERS = """
import os, time

def RPC_linger(data, path):
    with open(path + ".part", "w") as file:
        file.write(str(os.getpid()))
    os.rename(path + ".part", path)
    time.sleep(600)
"""


def _remove_collaboration(root: httpx.Client, _node: int) -> None:
    root.delete("/collaboration/1").raise_for_status()


def _remove_node(root: httpx.Client, node: int) -> None:
    root.delete(f"/node/{node}").raise_for_status()


def _remove_organization(root: httpx.Client, _node: int) -> None:
    body = {"id": 2}
    root.request("DELETE", "/collaboration/1/organization", json=body).raise_for_status()


def _move_node(root: httpx.Client, node: int) -> None:
    root.request("DELETE", "/collaboration/1/node", json={"id": node}).raise_for_status()


@pytest.mark.parametrize(
    ("take_away", "gives_up"),
    [
        (_remove_node, True),
        (_remove_collaboration, True),
        (_remove_organization, False),
        (_move_node, False),
    ],
)
def test_the_process_of_an_algorithm_ends_when_its_node_is_taken_away(
    tmp_path: Path, take_away: Callable[[httpx.Client, int], None], gives_up: bool
) -> None:
    file, begun = tmp_path / "lingers.py", tmp_path / "begun"
    file.write_text(LINGERS)
    with Sandbox("manual", executor="process") as box, box.http("root") as root:
        node = next(each for each in box.nodes if each.name == NODE)
        box.submit(file, "linger", **{**AT_HERE, "kwargs": {"path": str(begun)}}).close()
        process = int(_until(lambda: begun.exists() and begun.read_text()))
        take_away(root, node.id)
        _until(lambda: not _lives(process))
        _until(lambda: not node.running)
        if gives_up:
            assert isinstance(_failure_of(node), NodeRefused)
            _until(lambda: not node.online)
        else:
            assert node.online
            assert node.failure is None


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(found: Callable[[], Any]) -> Any:
    """What is found, once it is."""
    moment = threading.Event()
    for _ in range(400):
        if value := found():
            return value
        moment.wait(0.05)
    raise AssertionError("nothing is found")


def test_what_a_node_that_has_given_up_is_sent_ends_until_it_is_back(box: Sandbox) -> None:
    node = next(each for each in box.nodes if each.name == NODE)
    task = box.submit(AVERAGE, "average_partial", **AT_HERE)
    task.wait()
    delete_node(box)
    with box.http("root") as root:  # another one in its place, whose key nobody here has
        body = {"collaboration_id": 1, "organization_id": 2}
        assert root.post("/node", json=body).status_code == 201
    pending = box.submit(AVERAGE, "average_partial", **AT_HERE)
    assert isinstance(_failure_of(node), NodeRefused)
    assert pending.look().runs[0].status == "pending"  # the new node may be about to come
    pending.close()
    box.reset()
    assert node.failure is None
    assert box.run(AVERAGE, "average_partial", **AT_HERE).result == RIGHT


def _failure_of(node: Any) -> Any:
    gone = threading.Event()
    for _ in range(200):
        if node.failure is not None:
            return node.failure
        gone.wait(0.05)
    raise AssertionError(f"{node} has not given up")


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[], Sandbox]:
    """Starts the same federation again and again, which keeps what it has."""
    world = World.load("manual").model_dump()
    world["collaborations"][0]["encrypted"] = True
    return lambda: Sandbox(World.of(world), executor="inline", keep=tmp_path / "kept")


def test_a_task_for_a_node_that_did_not_start_fails_with_the_reason(
    kept: Callable[[], Sandbox],
) -> None:
    with kept() as box:
        box.faults.node(HERE).offline()
        waiting = box.submit(AVERAGE, "average_partial", **AT_HERE)
        waiting.close()
        with box.http("root") as root:
            root.patch("/collaboration/1", json={"encrypted": 0}).raise_for_status()
    with kept() as box:
        assert {type(each) for each in box.failed.values()} == {EncryptionMismatch}
        with pytest.raises(AlgorithmFailed, match="has not started here: collaboration") as failed:
            box.run(AVERAGE, "average_partial", **AT_HERE)
        assert failed.value.outcome.task.runs[0].finished
        with box.http("root") as root:
            assert root.get("/result/1").json()["status"] == "pending"
            root.patch("/collaboration/1", json={"encrypted": 1}).raise_for_status()
    with kept() as box, box.http("root") as root:  # where the node is expected back, a run waits
        assert not box.failed
        while root.get("/task/1").json()["complete"] is False:
            pass  # the server holds its answer back until something changes
        assert root.get("/result/1").json()["status"] == "completed"


def test_a_master_whose_token_has_expired_crashes_and_its_log_says_why(box: Sandbox) -> None:
    box.faults.add("expired", "/task/2", method="GET", times=3)
    outcome = box.run(AVERAGE, "master", check=False, **TASK)
    assert outcome.task.runs[0].status == "crashed"
    assert "node > the server refused GET /task/2: 401" in outcome.logs[HERE]


def test_who_waits_for_a_federation_that_ends_is_not_kept_waiting() -> None:
    said: list[BaseException] = []

    def wait(task: RunningTask) -> None:
        try:
            task.wait()
        except ApiError as error:
            said.append(error)

    with Sandbox("manual", executor="inline") as box:
        fault = box.faults.node(HERE).slow()
        task = box.submit(AVERAGE, "average_partial", **AT_HERE)
        fault.wait()
        waiting = threading.Thread(target=wait, args=(task,))
        waiting.start()
    waiting.join(30)
    assert "no answer from" in str(said[0])


# --- algorithms that replace what is theirs ---


SWAPS = """
import os, shutil

def RPC_swap(data, how):
    folder = os.path.dirname(os.environ["OUTPUT_FILE"])
    log = folder + ".log"
    if how == "no folder":
        shutil.rmtree(folder)
        raise SystemExit(1)
    if how.startswith("folder"):
        shutil.rmtree(folder)
        os.mkfifo(folder)
        raise SystemExit(1)
    os.unlink(log)
    if how == "pipe":
        os.mkfifo(log)
    if how == "link":
        os.symlink("/etc/hostname", log)
    if how == "directory":
        os.mkdir(log)
    return 1
"""

LOST = "node > what the algorithm printed is lost, as it has replaced its log: "


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_what_an_algorithm_puts_in_the_place_of_its_files_holds_up_nobody(
    executor: Any, tmp_path: Path
) -> None:
    file = tmp_path / "swaps.py"
    file.write_text(SWAPS)
    logs = {}
    with Sandbox("manual", executor=executor) as box:
        for how in ("pipe", "link", "directory", "no folder", "folder"):
            task = {**AT_HERE, "kwargs": {"how": how}}
            outcome = box.run(file, "swap", check=False, **task)
            logs[how] = outcome.logs[HERE]
            assert outcome.status == ("failed" if "folder" in how else "completed"), how
    problems = {"pipe": "it is a folder, a pipe or the like", "link": "it is a link",
                "directory": "it is a folder, a pipe or the like"}  # fmt: skip
    for how, problem in problems.items():
        assert logs[how].startswith(LOST), how
        assert logs[how].endswith(f"is no plain file ({problem})\n"), how
    for log in logs.values():
        assert "Traceback" not in log


# --- what is waited for ---


WAITING = f"waiting for node '{NODE}' (run 1 of task 1): "


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("offline", "it was stopped by the fault 'offline' that a test asked for"),
        ("never_answers", "the fault 'never_answers' that a test asked for holds the run back"),
        ("slow", "the fault 'slow' that a test asked for holds the run back"),
        ("loses_result", "the fault 'loses_result' that a test asked for holds the run back"),
        ("reports_late", "the fault 'reports_late' that a test asked for holds the run back"),
    ],
)
def test_who_gives_up_waiting_is_told_what_for(
    fault: str, why: str, make_box: Callable[[], Sandbox]
) -> None:
    box = make_box()
    active = getattr(box.faults.node(HERE), fault)()
    task = box.submit(AVERAGE, "average_partial", **AT_HERE)
    active.wait()
    with pytest.raises(TimeoutError) as caught:
        task.wait(0.01)
    assert str(caught.value) == f"task 1 has not ended in 0.01 s\n{WAITING}{why}"


@pytest.fixture
def make_box() -> Iterator[Callable[[], Sandbox]]:
    """A federation whose server holds no answer back."""
    with Sandbox("manual", executor="inline", settings={"hold_seconds": 0}) as box:
        yield lambda: box


def test_a_report_that_is_answered_500_is_what_is_waited_for(make_box: Any) -> None:
    box = make_box()
    fault = box.faults.add("status", "/result/1", method="PATCH", after=2)
    task = box.submit(AVERAGE, "average_partial", **AT_HERE)
    fault.wait(2)
    with pytest.raises(TimeoutError, match="the server answers PATCH result/1: 500"):
        task.wait(0.01)


def test_an_algorithm_that_takes_long_is_what_is_waited_for(make_box: Any, tmp_path: Path) -> None:
    box, file = make_box(), tmp_path / "lingers.py"
    file.write_text(
        "import time\nfrom pathlib import Path\n\n\ndef RPC_linger(data, path):\n"
        "    while not Path(path).exists():\n        time.sleep(0.01)\n"
    )
    task = box.submit(file, "linger", **{**AT_HERE, "kwargs": {"path": str(tmp_path / "over")}})
    box.journal.wait_for_events(10, name="algorithm_status_change")
    with pytest.raises(TimeoutError, match="the run is active: its algorithm has not ended"):
        task.wait(0.01)
    (tmp_path / "over").touch()


@pytest.mark.usefixtures("at_once")
def test_who_waits_is_told_once_and_again_when_the_reason_changes(
    make_box: Any, caplog: pytest.LogCaptureFixture
) -> None:
    box = make_box()
    with caplog.at_level(logging.WARNING, "v6sim.sandbox"):
        offline = box.faults.node(HERE).offline()
        task = box.submit(AVERAGE, "average_partial", **AT_HERE)
        with pytest.raises(TimeoutError):
            task.wait(1.5)
        slow = box.faults.node(HERE).slow()
        offline.undo()
        slow.wait()
        with box.own_client("collaboration_admin") as client, pytest.raises(TimeoutError):
            client.wait(task._ticket, 1.5, logging.getLogger("v6sim.sandbox").warning)
        slow.undo()
    told = [record.message for record in caplog.records if record.name.startswith("v6sim.sandbox")]
    assert told == [
        f"{WAITING}it was stopped by the fault 'offline' that a test asked for",
        f"{WAITING}the fault 'slow' that a test asked for holds the run back",
    ]


@pytest.mark.usefixtures("at_once")
def test_the_log_of_a_master_that_waits_says_what_for_while_it_does(make_box: Any) -> None:
    box = make_box()
    with box.faults.node(THERE).never_answers() as fault:
        task = box.submit(AVERAGE, "master", **TASK)
        fault.wait()
        line = (
            "node > waiting for node 'example_org2 - example_collab1 Node' (run 3 of task 2): the "
            "fault 'never_answers' that a test asked for holds the run back\n"
        )
        _until_logged(box, line)
    assert task.wait().logs[HERE].count(line) == 1


def _until_logged(box: Sandbox, line: str) -> None:
    while line not in box.control.ask("GET", "tasks/1/logs")[0]["log"]:
        pass


@pytest.mark.usefixtures("at_once")
def test_what_the_api_alone_tells_is_used_at_another_server(make_box: Any) -> None:
    box = make_box()
    with box.faults.node(HERE).offline(), box.own_client("collaboration_admin") as client:
        task = box.submit(AVERAGE, "average_partial", **AT_HERE)
        client._tells_why = False
        assert client.waiting_for(task._ticket) == [f"{WAITING}it is offline"]
        task.close()
