"""The summary on a whole federation: server, nodes, permissions; it needs v6sim."""

from pathlib import Path

import pytest

from v6sim.testing import compare_with_pooled

PROJECT = Path(__file__).parents[1]
NORTH = [{"age": age, "sex": sex} for age, sex in [(71, "f"), (58, "m"), (64, "f"), (60, "f")]]
SOUTH = [{"age": age, "sex": sex} for age, sex in [(38, "m"), (51, "x")]]


@pytest.fixture(scope="module")
def two(sandbox_factory):
    return sandbox_factory(data={"north": NORTH, "south": SOUTH})


@pytest.fixture
def federation(two):
    two.reset()
    return two


def test_the_summary_is_that_of_one_organization_with_all_rows(federation):
    summary = compare_with_pooled(federation, PROJECT, "master")
    assert summary["columns"]["sex"]["categories"] == {"f": 3, "m": 2, "x": 1}


def test_no_values_of_single_rows_leave_an_organization(federation):
    outcome = federation.run(PROJECT, "summary", kwargs={"min_count": 2})
    assert outcome.results["south"]["columns"]["sex"]["categories"] is None
    left = [each for each in outcome.egress if each.entry.kind == "result"]
    assert len(left) == 2
    found = {finding.rule for each in left for finding in each.findings}
    assert found == {"small-count"}, "counts of the two rows themselves"
