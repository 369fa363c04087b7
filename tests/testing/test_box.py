"""What a sandbox offers to tests."""

import pytest

from tests.public_packages import write
from v6sim import AlgorithmFailed, Sandbox
from v6sim.sandbox import UnknownName, WrongArgument
from v6sim.testing import assert_called, assert_matrix

AVERAGE = "harbor2.vantage6.ai/demo/average"
AGE = {"column_name": "age"}


@pytest.fixture(scope="module")
def running():
    with Sandbox("manual", executor="inline") as box:
        yield box


@pytest.fixture
def box(running):
    running.reset()
    return running


def test_a_master_gives_its_one_result(box) -> None:
    outcome = box.run(AVERAGE, "master", kwargs=AGE)
    assert outcome.result == {"average": 53.25}
    assert outcome.status == "completed"
    assert list(outcome.logs) == ["example_org1"]
    assert [len(each.runs) for each in outcome.task] == [1, 3]
    assert outcome.trace["subtasks"][0]["task_id"] == 2
    assert {each.organization for each in outcome.egress} >= {"example_org1", "example_org3"}


def test_partials_give_a_result_for_each_organization(box) -> None:
    outcome = box.run(AVERAGE, "average_partial", kwargs=AGE, organizations=["example_org1", 3])
    assert outcome.results == {
        "example_org1": {"sum": 253, "count": 4},
        "example_org2": {"sum": 173, "count": 4},
    }
    with pytest.raises(ValueError, match="there is not one result but 2"):
        _ = outcome.result


def test_a_crash_shows_the_algorithms_own_traceback(box) -> None:
    with pytest.raises(AlgorithmFailed, match="there is no column 'agee'") as caught:
        box.run(AVERAGE, "average_partial", kwargs={"column_name": "agee"})
    assert "raise ValueError" in str(caught.value)
    assert caught.value.outcome.status == "failed"
    unchecked = box.run(AVERAGE, "average_partial", kwargs={"column_name": "agee"}, check=False)
    assert {run.status for run in unchecked.task.runs} == {"crashed"}


def test_a_package_needs_no_image_name(box, tmp_path) -> None:
    module = tmp_path / "rows.py"
    module.write_text("def RPC_count(data):\n    return len(data)\n")
    assert set(box.run(module, "count").results.values()) == {4}


def test_a_task_can_be_killed(box, tmp_path) -> None:
    (tmp_path / "slow.py").write_text(
        "import time\n\n\ndef RPC_wait(data):\n    while True:\n        time.sleep(0.01)\n"
    )
    task = box.submit(
        tmp_path / "slow.py", "wait", organizations=["example_org1"], user="collaboration_admin"
    )
    assert not task.look().has_ended
    task.kill()
    assert [run.status for run in task.wait().task.runs] == ["killed by user"]


def test_unknown_names_are_told_with_what_there_is(box) -> None:
    for order, expected in {
        lambda: box.run("averag", "master"): "no image name of the world",
        lambda: box.run(AVERAGE, "master", user="resercher"): "did you mean 'researcher'?",
        lambda: box.run(AVERAGE, "master", organizations=["exmple_org1"]): "'example_org1'?",
        lambda: box.run(AVERAGE, "master", collaboration="x"): "no collaboration 'x'",
        lambda: box.own_client("nobody"): "there is no user 'nobody'",
        lambda: box.restore("then"): "there is no snapshot 'then'",
        lambda: box.user_with_rules("task LOOK GLOBAL"): "there is no rule 'task LOOK GLOBAL'",
    }.items():
        with pytest.raises(UnknownName) as caught:
            order()
        assert expected in str(caught.value)


def test_permissions_are_asked_without_side_effect(box) -> None:
    box.run(AVERAGE, "average_partial", kwargs=AGE)
    answer = box.may("viewer", "DELETE", "/task/1")
    assert not answer
    assert answer.status == 401
    assert answer.smallest_role == "Researcher"
    assert "task.delete" in answer.why
    assert box.may("collaboration_admin", "DELETE", "/task/1")
    assert box.may("viewer", "GET", "/task/1"), "it is still there"
    assert_matrix(box, {("viewer", "GET", "/task"): True, ("viewer", "DELETE", "/task/1"): False})
    with pytest.raises(AssertionError, match=r"viewer may not DELETE /task/1 \(401\)"):
        assert_matrix(box, {("viewer", "DELETE", "/task/1"): True})


def test_a_user_has_exactly_the_rules_that_they_are_given(box) -> None:
    name = box.user_with_rules("task VIEW ORGANIZATION", organization="example_org2")
    assert box.may(name, "GET", "/task")
    assert not box.may(name, "GET", "/node")
    with box.http(name) as http:
        assert http.get("/task").json() == []


def test_requests_can_be_counted(box) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    [created] = assert_called(box, "/task", method="POST", by="container", times=1)
    assert created.status == 201
    with pytest.raises(AssertionError, match="expected 2 times, and seen 1 times") as caught:
        assert_called(box, "/task", method="POST", by="container", times=2)
    assert "POST /task by container" in str(caught.value)
    with pytest.raises(AssertionError, match="expected at least once"):
        assert_called(box, "/kill/task")


def test_the_server_misbehaves_on_call(box) -> None:
    fault = box.faults.add("status", "/organization", status=503, times=1)
    with box.http("viewer") as http:
        assert http.get("/organization").status_code == 503
        assert http.get("/organization").status_code == 200
        box.faults.remove(fault)


def test_time_can_be_moved_on(box) -> None:
    with box.http("viewer") as http:
        assert http.get("/task").status_code == 200
        box.clock.advance(hours=7)
        assert http.get("/task").status_code == 401


def test_the_past_can_be_brought_back(box) -> None:
    box.run(AVERAGE, "average_partial", kwargs=AGE)
    box.snapshot("one task")
    box.run(AVERAGE, "average_partial", kwargs=AGE)
    box.restore("one task")
    with box.http("viewer") as http:
        assert [task["id"] for task in http.get("/task").json()] == [1]
    assert box.run(AVERAGE, "average_partial", kwargs=AGE).task.id == 2


def test_a_run_may_start_otherwise(box, tmp_path) -> None:
    project = write("own-wrapper", tmp_path)
    code = "from vantage6.tools.docker_wrapper import docker_wrapper; docker_wrapper('v6_own')"
    assert set(box.run(project, "kind").results.values()) == {"list"}
    outcome = box.run(project, "kind", command=["python", "-c", code])
    assert set(outcome.results.values()) == {"DataFrame"}
    assert set(box.run(project, "kind", module="v6_own").results.values()) == {"list"}


def test_variables_are_those_of_the_run_alone(box, tmp_path) -> None:
    module = tmp_path / "variables.py"
    module.write_text("import os\n\ndef RPC_limit(data):\n    return os.environ.get('LIMIT')\n")
    assert set(box.run(module, "limit", env={"LIMIT": "3"}).results.values()) == {"3"}
    assert set(box.run(module, "limit").results.values()) == {None}


@pytest.mark.parametrize(
    "wrong", [{"command": "'x"}, {"command": []}, {"module": ""}, {"env": {"A": 1}}, {"env": ["A"]}]
)
def test_a_start_that_cannot_be_is_named(box, wrong) -> None:
    with pytest.raises(WrongArgument, match=next(iter(wrong))):
        box.run(AVERAGE, "master", **wrong)
