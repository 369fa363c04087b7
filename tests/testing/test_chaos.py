"""Faults drawn by chance: the same ones for the same seed."""

import re
from collections.abc import Iterator

import pytest

from tests.testing.test_plugin import suite
from v6sim import Sandbox
from v6sim.sandbox import UnknownName
from v6sim.sandbox.faults.chaos import KINDS, Limits, draw

AVERAGE = "harbor2.vantage6.ai/demo/average"
COLUMNS = {"north": ["age", "sex"], "south": ["age"], "none": []}


def test_the_same_seed_draws_the_same() -> None:
    limits = Limits(faults=6)
    assert draw(1, COLUMNS, limits) == draw(1, COLUMNS, limits) != draw(2, COLUMNS, limits)
    drawn = [each for seed in range(100) for each in draw(seed, COLUMNS, limits)]
    assert {each.kind for each in drawn} == set(KINDS)
    assert {each.where for each in drawn if each.part == "node"} == set(COLUMNS)
    assert {each.where for each in drawn if each.part == "data"} == {"north", "south"}
    assert {each.options["after"] for each in drawn} == {0, 1, 2}
    assert all(0 <= each.options.get("seconds", 0) <= 0.5 for each in drawn)


def test_what_is_drawn_can_be_limited() -> None:
    limits = Limits(faults=50, kinds=["data", "node.crashes"], within=1)
    drawn = draw(1, COLUMNS, limits)
    assert {each.kind for each in drawn} == {
        "data.without_column", "data.no_rows", "data.other_types", "node.crashes",
    }  # fmt: skip
    assert {each.options["after"] for each in drawn} == {0}
    for limits, error, expected in (
        (Limits(kinds=["node.slo"]), UnknownName, "did you mean 'node.slow'?"),
        (Limits(kinds=[]), ValueError, "nothing can be drawn"),
        (Limits(within=0), ValueError, "nothing can be drawn"),
    ):
        with pytest.raises(error, match=re.escape(expected)):
            draw(1, COLUMNS, limits)
    with pytest.raises(ValueError, match="there is nothing here"):
        draw(1, {"none": []}, Limits(kinds=["data.no_rows"]))


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox("manual", executor="inline") as box:
        yield box


def test_the_same_happens_again(box, capsys) -> None:
    seen = []
    for seed in (11, 11, 12):
        box.reset()
        kinds = ["data", "node.crashes", "node.garbles_result", "node.dies_in_run"]
        with box.faults.chaos(seed, faults=4, kinds=kinds, longest=0.01) as chaos:
            outcome = box.run(
                AVERAGE, "average_partial", kwargs={"column_name": "age"}, check=False
            )
        happened = [fault.struck for fault in chaos.faults]
        seen.append((chaos.draws, happened, [run.sealed for run in outcome.task.runs]))
    assert seen[0] == seen[1] != seen[2]
    assert sum(seen[0][1]) > 0
    said = capsys.readouterr().out
    assert said.count("v6sim chaos, seed 11:\n  ") == 2
    assert str(seen[0][0][0]) in said


def test_the_end_of_chaos_is_the_end_of_it(box) -> None:
    box.reset()
    with box.faults.chaos(1, faults=12, within=1) as chaos:
        assert len(chaos.faults) == 12
    outcome = box.run(AVERAGE, "master", kwargs={"column_name": "age"})
    assert outcome.result == {"average": 53.25}
    assert chaos.seed == 1


def test_without_a_seed_there_is_a_new_one(box) -> None:
    box.reset()
    assert box.faults.chaos(faults=0).seed != box.faults.chaos(faults=0).seed


FIXTURES = """
import pytest

IMAGE = "harbor2.vantage6.ai/demo/average"


def run(sandbox):
    options = {"kwargs": {"column_name": "age"}, "organizations": ["example_org1"]}
    return sandbox.run(IMAGE, "average_partial", **options)


def test_a_fault_is_on_call(sandbox, faults):
    faults.data("example_org1").no_rows()
    assert run(sandbox).result["count"] == 0


def test_and_is_gone_in_the_next_test(sandbox):
    assert run(sandbox).result["count"] == 4


@pytest.mark.v6sim_chaos(kinds=["node.crashes"], faults=9, within=1)
def test_crashes(sandbox, chaos):
    assert chaos.seed == 7
    run(sandbox)


@pytest.mark.v6sim_chaos(seed=5, faults=0)
def test_a_seed_of_its_own(chaos):
    assert chaos.seed == 5
"""


def test_the_report_of_a_failed_test_has_the_seed(tmp_path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nv6sim_chaos_seed = 8\n")
    said = suite(tmp_path, FIXTURES, "--v6sim-chaos-seed", "7", "--v6sim-executor", "inline")
    assert "1 failed, 3 passed" in said
    assert "AlgorithmFailed" in said
    assert "Captured v6sim teardown" in said
    assert re.search(r"v6sim chaos, seed 7:\n  node.crashes at example_org\d, .*; struck \d", said)


def test_a_wrong_seed_in_the_ini_file_is_told(tmp_path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nv6sim_chaos_seed = seven\n")
    said = suite(tmp_path, FIXTURES)
    assert "v6sim_chaos_seed = seven in the ini file: a whole number is expected" in said
