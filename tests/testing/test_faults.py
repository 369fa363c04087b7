"""Parts that misbehave on call: what callers see of it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from v6sim import Sandbox
from v6sim.chance import WrongFault
from v6sim.control_client import ControlClient, ControlRefused
from v6sim.sandbox import RunningTask, UnknownName
from v6sim.sandbox.faults.data import CannotSpoil
from v6sim.testing import assert_emitted
from v6sim.wire.payload import UnreadablePayload

AVERAGE = "harbor2.vantage6.ai/demo/average"
ALL = HERE, THERE, _ = "example_org1", "example_org2", "example_org3"
NODE = "example_org1 - example_collab1 Node"
RIGHT = {"sum": 253, "count": 4}
WORK: dict[str, Any] = {
    "kwargs": {"column_name": "age"},
    "organizations": [HERE],
    "user": "collaboration_admin",
}


BOTH = pytest.mark.parametrize("executor", ["inline", "process"])


@pytest.fixture(scope="module")
def running() -> Iterator[Callable[[str], Sandbox]]:
    """Sandboxes by how algorithms run in them."""
    boxes: dict[str, Sandbox] = {}
    with ExitStack() as stack:

        def start(executor: Any) -> Sandbox:
            if executor not in boxes:
                boxes[executor] = stack.enter_context(Sandbox("manual", executor=executor))
            return boxes[executor]

        yield start


@pytest.fixture
def executor() -> str:
    return "inline"


@pytest.fixture
def box(running, executor) -> Sandbox:
    box: Sandbox = running(executor)
    box.reset()
    return box


def run(box: Sandbox, **options: Any) -> Any:
    return box.run(AVERAGE, "average_partial", **{**WORK, "check": False, **options})


@pytest.fixture
def submit(box) -> Iterator[Callable[..., RunningTask]]:
    """Send a task that nobody has to wait for."""
    with ExitStack() as stack:

        def send(**options: Any) -> RunningTask:
            task: RunningTask = box.submit(AVERAGE, "average_partial", **{**WORK, **options})
            stack.callback(task.close)
            return task

        yield send


def status(task: Any) -> str:
    [run] = task.look().runs
    return str(run.status)


def node_status(box: Sandbox) -> str:
    with box.http("root") as root:
        nodes = {node["name"]: node["status"] for node in root.get("/node").json()}
    return str(nodes[NODE])


# --- nodes ---


def test_at_a_node_that_is_offline_runs_stay_pending_until_it_is_back(box, submit) -> None:
    with box.faults.node(HERE).offline():
        gc.collect()  # in this thread: others' connections are not to end with the node's
        assert node_status(box) == "offline"
        task = submit()
        assert status(task) == "pending"
        assert assert_emitted(box, "node-offline")[0].value["name"] == NODE
    assert node_status(box) == "online"
    assert task.wait().result == RIGHT


def test_a_node_that_never_answers_is_online_and_its_runs_stay_pending(box, submit) -> None:
    with box.faults.node(HERE).never_answers() as fault:
        task = submit()
        fault.wait()
        assert status(task) == "pending"
        assert node_status(box) == "online"
        assert run(box, organizations=[THERE]).status == "completed"
    assert task.wait().result == RIGHT


def test_a_node_that_answers_after_a_while_takes_the_run_up(box) -> None:
    fault = box.faults.node(HERE).never_answers(seconds=0.05)
    assert run(box).result == RIGHT
    assert fault.struck == 1


@BOTH
def test_at_a_slow_node_runs_stay_active_and_can_be_killed(box, submit) -> None:
    with box.faults.node(HERE).slow() as fault:
        first, second = submit(), submit()
        fault.wait(2)
        assert (status(first), status(second)) == ("active", "active")
        second.kill()
        assert second.wait().task.runs[0].status == "killed by user"
    assert first.wait().result == RIGHT


@BOTH
def test_a_crash_leaves_a_log_and_no_result(box) -> None:
    box.faults.node(HERE).crashes(times=1)
    [crashed] = run(box).task.runs
    assert (crashed.status, crashed.result) == ("crashed", None)
    assert "the algorithm was ended by signal 9 (Killed)" in crashed.log
    assert crashed.finished
    assert run(box).result == RIGHT


def test_what_cannot_start_does_not_crash(box) -> None:
    fault = box.faults.node(HERE).crashes()
    outcome = run(box, database="nowhere")
    assert "no database 'nowhere'" in outcome.logs[HERE]
    assert fault.struck == 0


@BOTH
def test_a_node_that_dies_leaves_its_run_active_and_makes_it_again(box, submit) -> None:
    fault = box.faults.node(HERE).dies_in_run()
    task = submit()
    fault.wait()
    assert (status(task), node_status(box)) == ("active", "offline")
    box.faults.node(HERE).comes_back()
    assert node_status(box) == "online"
    assert task.wait().result == RIGHT
    started = box.journal.requests(method="PATCH", path="/result/1", by="node", status=200)
    assert sum(b"started_at" in each.body for each in started) == 2


def test_a_node_that_dies_can_come_back_by_itself(box) -> None:
    box.faults.node(HERE).dies_in_run(seconds=0.01)
    assert run(box).result == RIGHT
    assert len(box.journal.events(name="disconnect", by=NODE)) == 1


def test_a_lost_result_leaves_its_run_active_though_its_end_was_told(box, submit) -> None:
    with box.faults.node(HERE).loses_result() as fault:
        task = submit()
        fault.wait()
        heard = assert_emitted(box, "algorithm_status_change", by=NODE, times=2)
        assert [each.value["status"] for each in heard] == ["active", "completed"]
    assert status(task) == "active"
    assert not task.look().has_ended


def test_a_garbled_result_cannot_be_read(box) -> None:
    seen = []
    for _ in range(2):
        box.reset()
        box.faults.node(HERE).garbles_result()
        outcome = run(box)
        assert outcome.status == "completed"
        with pytest.raises(UnreadablePayload):
            _ = outcome.result
        seen.append(outcome.task.runs[0].sealed)
    assert seen[0] == seen[1]


def test_a_doubled_report_is_refused_and_does_no_harm(box) -> None:
    with box.faults.node(HERE).doubles_result() as fault:
        assert run(box).result == RIGHT
        fault.wait()
    reports = box.journal.requests(method="PATCH", path="/result/1")
    assert [each.status for each in reports[-2:]] == [200, 400]
    assert reports[-2].body == reports[-1].body


def test_of_a_late_report_the_event_comes_first(box, submit) -> None:
    with box.faults.node(HERE).reports_late() as fault:
        task = submit()
        fault.wait()
        assert_emitted(box, "algorithm_status_change", by=NODE, times=2)
        assert status(task) == "active"
    assert task.wait().result == RIGHT


def test_chance_decides_the_same_way_each_time(box, submit) -> None:
    drawn = []
    for seed in (3, 3, 4):
        box.reset()
        box.faults.clear(seed)
        for organization in ALL:
            box.faults.data(organization).no_rows(probability=0.5)
        tasks = [submit(organizations=ALL) for _ in range(2)]
        drawn.append([run.result["count"] for task in tasks for run in task.wait().task.runs])
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) == {0, 4}


def test_the_first_runs_can_be_spared_and_the_number_limited(box) -> None:
    box.faults.data(HERE).no_rows(after=1, times=2)
    assert [run(box).result["count"] for _ in range(4)] == [4, 0, 0, 4]


def test_troubles_can_be_had_together(box) -> None:
    box.faults.node(HERE).doubles_result()
    box.faults.data(HERE).without_column("sex")
    late = box.faults.node(HERE).reports_late(seconds=0.01)
    box.faults.data(HERE).other_types("sex")
    assert run(box).result == RIGHT
    assert late.struck == 1
    assert len(box.journal.requests(status=400)) == 1


# --- data ---


@BOTH
def test_without_the_column_the_algorithm_says_so(box) -> None:
    with box.faults.data(HERE).without_column("age"):
        outcome = run(box, organizations=[HERE, THERE])
    assert {each.organization: each.status for each in outcome.task.runs} == {
        HERE: "crashed",
        THERE: "completed",
    }
    assert "there is no column 'age'" in outcome.logs[HERE]
    assert run(box).result == RIGHT


def test_data_can_have_no_rows(box) -> None:
    box.faults.data(HERE).no_rows()
    assert run(box).result == {"sum": 0, "count": 0}


def test_a_column_can_have_other_types(box) -> None:
    box.faults.data(HERE).other_types("age")
    assert "column 'age' holds no numbers" in run(box).logs[HERE]
    with box.faults.data(THERE).other_types("sex"):
        texts_became_numbers = {"kwargs": {"column_name": "sex"}, "organizations": [THERE]}
        assert run(box, **texts_became_numbers).result == {"sum": 1 + 2 + 3 + 4, "count": 4}


def test_the_data_themselves_are_not_touched(box) -> None:
    file = Path(box.world.collaborations[0].participants[0].databases["default"])
    before = file.read_bytes()
    with box.faults.data(HERE).no_rows():
        run(box)
    assert file.read_bytes() == before


# --- on the whole ---


@BOTH
def test_a_reset_heals_everything(box, submit) -> None:
    here = box.faults.node(HERE)
    dying = here.dies_in_run()
    task = submit()
    dying.wait()
    assert node_status(box) == "offline"
    here.slow()
    box.faults.data(HERE).no_rows()
    box.faults.node(THERE).offline()
    box.faults.add("status", "/task")
    box.reset()
    assert all(node.online for node in box.nodes)
    outcome = run(box, organizations=[HERE, THERE])
    assert outcome.results == {HERE: RIGHT, THERE: {"sum": 173, "count": 4}}
    assert task.id == 1


def test_a_reset_in_the_midst_of_a_death_is_survived(box, submit) -> None:
    for _ in range(3):
        box.faults.node(HERE).dies_in_run()
        submit()
        box.reset()
    assert run(box).result == RIGHT


def test_an_end_with_nodes_down_is_clean() -> None:
    with Sandbox("manual", executor="inline") as box:
        dying = box.faults.node(HERE).dies_in_run(seconds=60)
        slow = box.faults.node(THERE).slow()
        box.faults.node("example_org3").offline()
        task = box.submit(AVERAGE, "average_partial", **{**WORK, "organizations": [HERE, THERE]})
        task.close()
        dying.wait()
        slow.wait()
        nodes = box.nodes
    assert not any(node.online for node in nodes)


def test_other_programs_can_ask_for_faults(box, submit) -> None:
    with ControlClient(box.url) as control:
        order = {"organization": HERE, "kind": "without_column", "column": "age", "times": 1}
        control.ask("POST", "/faults", order)
        assert run(box).status == "failed"
        control.ask("POST", "/faults", {"organization": HERE, "kind": "dies_in_run"})
        task = submit()
        box.journal.wait_for_events(10, name="disconnect", by=NODE)
        control.ask("DELETE", "/faults")
        assert task.wait().result == RIGHT
        for wrong, expected in (
            ({"organization": HERE, "kind": "slo"}, "did you mean 'slow'?"),
            ({"organization": "exmple_org1", "kind": "slow"}, "did you mean 'example_org1'?"),
            ({"organization": HERE, "kind": "slow", "times": "x"}, "times: input should be a"),
        ):
            with pytest.raises(ControlRefused) as caught:
                control.ask("POST", "/faults", wrong)
            assert (caught.value.status, expected in str(caught.value)) == (400, True)


def test_what_cannot_be_is_told(box) -> None:
    here, data = box.faults.node(HERE), box.faults.data(HERE)
    for order, error, expected in (
        (lambda: box.faults.node("exmple_org1"), UnknownName, "did you mean 'example_org1'?"),
        (lambda: box.faults.node(HERE, "x"), UnknownName, "has no node in 'x'; known: example_co"),
        (lambda: here.slow(seconds=-1), WrongFault, "seconds: input should be greater than"),
        (lambda: here.crashes(probability=2), WrongFault, "probability: input should be less"),
        (lambda: here.crashes(time=1), WrongFault, "has no 'time'; it has after, probability"),
        (lambda: data.without_column("agee"), UnknownName, "no column 'agee'; did you mean 'age'"),
        (lambda: data.no_rows(database="x"), CannotSpoil, "has no file as its database 'x'"),
        (lambda: box.faults.add("status", status=1), WrongFault, "status: input should be"),
    ):
        with pytest.raises(error) as caught:
            order()
        assert expected in str(caught.value)
    with pytest.raises(TimeoutError, match="happened 0 times in 0 s, not 1"):
        here.slow().wait(seconds=0)
    assert run(box, organizations=[THERE]).status == "completed"
