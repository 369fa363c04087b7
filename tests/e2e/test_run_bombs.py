"""Results that grow when they are looked at, in `v6sim run` and in the fixtures."""

import json
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import bombs
from tests.commands import PATIENCE, V6SIM, environment, until
from tests.measured import measured
from tests.wide import some
from v6sim import Sandbox
from v6sim.sandbox import AlgorithmFailed
from v6sim.testing import MockClient, compare_with_pooled, replay
from v6sim.testing.data import world_of
from v6sim.wire.limits import PayloadTooLarge, UnreadablePayload

ALGORITHM = """
import os, pathlib, sys

def master(client, data, file):
    return RPC_part(data, file)

def RPC_part(data, file):
    pathlib.Path(os.environ["OUTPUT_FILE"]).write_bytes(pathlib.Path(file).read_bytes())
    sys.stdout.flush()
    os._exit(0)

def laughing(client, data, depth, width):
    inner = ["ha"]
    for _ in range(depth):
        inner = [inner] * width
    return inner

def asking(client, data, depth, width):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    kwargs = {"value": laughing(client, data, depth, width)}
    task = client.create_new_task({"method": "taking", "kwargs": kwargs}, ids)
    while not client.get_task(task["id"])["complete"]:
        pass
    return client.get_results(task_id=task["id"])

def RPC_taking(data, value):
    return [value, value]

def failing(client, data):
    raise ValueError("as it should")
"""
MEASURING = """
import pathlib, resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
said = f"{used.ru_maxrss / 1024} {used.ru_utime + used.ru_stime}"
pathlib.Path(sys.argv[1]).write_text(said)
sys.exit(code)
"""
"""A program that runs another one; its own size would count as that of its child at first."""

MEGABYTES = 500  # of the command, its server and nodes, with pandas: 160 without a payload
SECONDS = 20  # of the processor, on a machine that is busy with other tests: 3 without a payload


@pytest.fixture
def growing(project: Path) -> Path:
    """A project whose algorithm gives what stands in a file, or lists of lists."""
    (project / "my-algorithm" / "my_algorithm" / "__init__.py").write_text(ALGORITHM)
    return project


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(growing: Path) -> Run:
    """Runs a command, and makes sure that it took no more than it may."""

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(V6SIM), "run", "./my-algorithm", "--data", "north.csv", *arguments]
        with (growing / "out").open("wb") as out, (growing / "err").open("wb") as err:
            said = subprocess.run(
                [sys.executable, "-c", MEASURING, str(growing / "used"), *command],
                cwd=growing, env=environment(), stdout=out, stderr=err, check=False,
            )  # fmt: skip
        megabytes, seconds = map(float, (growing / "used").read_text().split())
        assert megabytes < MEGABYTES
        assert seconds < SECONDS
        texts = [(growing / name).read_text() for name in ("out", "err")]
        return subprocess.CompletedProcess(command, said.returncode, *texts)

    return ran


def written(folder: Path, name: str) -> str:
    (folder / "payload").write_bytes(measured(bombs.ALL[name]).value)
    return f"file={folder / 'payload'}"


SHOWN = {
    "laughs-7x10": "(stopped after 200,000 values)",
    "laughs-9x10": "(stopped after 200,000 values)",
    "laughs-40x2-tuples": "(stopped after 200,000 values)",
    "range": "north: range(0, 10000000000)\n",
    "empty-array": "north: []\n",
    "long-integer-json": "(stopped at an integer of more than 4,300 digits)",
    "long-integer-pickle": "north: <an integer of about 5,001 digits>",
    "r-matrix": "(stopped after 200,000 values)",
    "r-zeros": "(stopped after 200,000 values)",
}
WHOLE = ("laughs-7x10", "range", "empty-array", "long-integer-pickle")


@pytest.mark.parametrize("name", some(SHOWN, 3))
def test_people_see_the_beginning(growing: Path, run: Run, name: str) -> None:
    said = run(
        "--method", "master", "--kwarg", written(growing, name), "--pooled", "--junit", "out.xml"
    )
    assert SHOWN[name] in said.stdout
    assert "Traceback" not in said.stderr
    is_same = "pooled: the same on all 2 rows together" in said.stdout
    assert is_same == (name in WHOLE)
    assert said.returncode == (0 if is_same else 1)
    assert is_same or "pooled: the results cannot be compared: it is too large" in said.stdout
    failures = [each.get("message", "") for each in ET.parse(growing / "out.xml").iter("failure")]
    assert len(failures) == (not is_same)


@pytest.mark.parametrize("name", some([name for name in SHOWN if name != "laughs-7x10"], 3))
def test_programs_get_it_whole_or_an_error_in_its_place(growing: Path, run: Run, name: str) -> None:
    said = run("--method", "part", "--kwarg", written(growing, name), "--json")
    assert said.returncode == 0, said.stderr
    if name == "empty-array":  # which takes long to be read
        assert said.stdout.count("[]") >= 10**7
        return
    [row] = json.loads(said.stdout)["task"]["runs"]
    assert row["status"] == "completed"
    if name == "range":
        assert row["result"] == "range(0, 10000000000)"
    else:
        assert "result" not in row
        assert "it is too large to be read whole: " in row["result_unreadable"]


def test_programs_get_what_is_shared_as_often_as_it_is(run: Run) -> None:
    said = run("--method", "laughing", "--kwarg", "depth=3", "--kwarg", "width=10", "--json")
    assert json.loads(said.stdout)["task"]["runs"][0]["result"] == bombs.laughs(3, 10)


def test_the_limit_can_be_set(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--method", "laughing", "--kwarg", "depth=3", "--kwarg", "width=10", "--json")
    said = run(*arguments, "--max-payload-values", "1000")
    [row] = json.loads(said.stdout)["task"]["runs"]
    assert (
        "more than 1,000 values. Raise `max_payload_values` (now 1,000)"
        in (row["result_unreadable"])
    )
    monkeypatch.setenv("V6SIM_MAX_PAYLOAD_VALUES", "999")
    [row] = json.loads(run(*arguments).stdout)["task"]["runs"]
    assert "`max_payload_values` (now 999)" in row["result_unreadable"]
    monkeypatch.setenv("V6SIM_MAX_PAYLOAD_VALUES", "none")
    said = run(*arguments)
    assert said.returncode == 2
    assert "max_payload_values" in said.stderr


def test_a_check_that_stopped_is_a_finding(run: Run) -> None:
    arguments = ("--method", "laughing", "--kwarg", "depth=9", "--kwarg", "width=10")
    said = run(*arguments, "--egress-fail", "-v")
    assert said.returncode == 3
    assert "not-fully-checked: only a part of it was checked: stopped after 200,000 values" in (
        said.stderr
    )


def test_inputs_that_grow_are_recorded_and_replayed(growing: Path, run: Run) -> None:
    arguments = ("--method", "asking", "--kwarg", "depth=5", "--kwarg", "width=10")
    assert run(*arguments, "--record", "recorded").returncode == 0
    manifest = json.loads((growing / "recorded" / "recording.json").read_text())
    [subtask] = manifest["subtasks"]
    [asked] = [each["asked"] for each in subtask["runs"]]
    assert any("stopped after 50,000 characters" in line for line in asked)
    assert len(asked) < 2_000
    said = run("--replay", "recorded")
    assert said.returncode == 0, said.stdout[-2000:]
    source = growing / "my-algorithm" / "my_algorithm" / "__init__.py"
    source.write_text(ALGORITHM.replace('inner = ["ha"]', 'inner = ["ho"]'))
    said = run("--replay", "recorded")
    assert said.returncode == 1
    assert "the master asks for something else than was recorded" in said.stdout


# --- fixtures ---


@pytest.fixture
def box(growing: Path) -> Any:
    data = {"north": growing / "north.csv", "south": growing / "south.csv"}
    with world_of(data) as world, Sandbox(world, executor="inline") as made:
        yield made


def laughing(box: Sandbox, growing: Path, depth: int, **options: Any) -> Any:
    kwargs = {"depth": depth, "width": 10}
    return box.run(growing / "my-algorithm", "laughing", kwargs=kwargs, **options)


def test_a_result_in_a_test_is_whole_or_an_error(box: Sandbox, growing: Path) -> None:
    assert laughing(box, growing, 2).result == bombs.laughs(2, 10)
    outcome = laughing(box, growing, 9)
    with pytest.raises(PayloadTooLarge, match="max_payload_values"):
        outcome.result  # noqa: B018
    with pytest.raises(UnreadablePayload):
        outcome.results  # noqa: B018
    [entry] = [each for each in outcome.egress if each.entry.kind == "result"]
    assert [each.rule for each in entry.findings] == ["not-fully-checked"]
    assert entry.reading.text.startswith("[[[[")


def test_a_setting_says_how_much_a_test_may_use(growing: Path) -> None:
    settings = {"max_payload_values": 100}
    with (
        world_of({"north": growing / "north.csv"}) as world,
        Sandbox(world, executor="inline", settings=settings) as box,
    ):
        assert laughing(box, growing, 1).result == bombs.laughs(1, 10)
        with pytest.raises(PayloadTooLarge, match="now 100"):
            laughing(box, growing, 2).result  # noqa: B018
        with pytest.raises(PayloadTooLarge):
            compare_with_pooled(
                box, growing / "my-algorithm", "laughing", kwargs={"depth": 2, "width": 10}
            )


def test_comparing_what_is_shared_takes_no_time(box: Sandbox, growing: Path) -> None:
    kwargs = {"depth": 7, "width": 10}
    assert compare_with_pooled(box, growing / "my-algorithm", "laughing", kwargs=kwargs)


def test_an_error_shows_the_beginning_of_other_results(box: Sandbox, growing: Path) -> None:
    outcome = laughing(box, growing, 9)
    text = str(AlgorithmFailed(outcome))
    assert "completed [[[[" in text
    assert len(text) < 500


def test_a_replay_in_a_test_has_the_same_limits(box: Sandbox, growing: Path) -> None:
    laughing(box, growing, 9, record=growing / "recorded")
    outcome = replay(growing / "recorded", growing / "my-algorithm", executor="inline")
    with pytest.raises(PayloadTooLarge):
        outcome.result  # noqa: B018


def test_mock_clients_have_them_too(growing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(growing / "my-algorithm")
    for depth, is_whole in ((2, True), (9, False)):
        with MockClient([[{"x": 1}]], "my_algorithm", max_payload_values=1_000) as client:
            kwargs = {"depth": depth, "width": 10}
            given = {"method": "laughing", "master": True, "kwargs": kwargs}
            task = client.create_new_task(given, [0])
            if is_whole:
                assert client.get_results(task["id"]) == [bombs.laughs(depth, 10)]
            else:
                with pytest.raises(PayloadTooLarge, match="now 1,000"):
                    client.get_results(task["id"])


# --- the end ---


def test_a_command_that_checks_hears_ctrl_c(growing: Path) -> None:
    (growing / "payload").write_bytes(bombs.P([b"\x80\x04" + bytes(100)] * 100_000))
    command = [str(V6SIM), "run", "./my-algorithm", "--data", "north.csv", "--method", "part"]
    child = subprocess.Popen(
        [*command, "--kwarg", f"file={growing / 'payload'}"], cwd=growing, env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    process = psutil.Process(child.pid)
    until(lambda: child.poll() is not None or process.cpu_times().user > 2)
    child.send_signal(signal.SIGINT)
    child.wait(PATIENCE)
    assert child.returncode in (0, 130)
