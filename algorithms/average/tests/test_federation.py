"""The average on a whole federation: server, nodes, permissions; it needs v6sim."""

from pathlib import Path

import pytest

from v6sim import AlgorithmFailed
from v6sim.testing import assert_called, compare_with_pooled

PROJECT = Path(__file__).parents[1]
AGE = {"column_name": "age"}


def test_the_average_is_that_of_all_rows(sandbox):
    compare_with_pooled(
        sandbox,
        PROJECT,
        "master",
        kwargs=AGE,
        pooled=lambda rows: {"average": rows["age"].mean()},
    )
    assert_called(sandbox, "/task", method="POST", by="container", times=1)


def test_sums_and_counts_are_all_that_leaves(sandbox):
    outcome = sandbox.run(PROJECT, "average_partial", kwargs=AGE)
    assert outcome.results["example_org1"] == {"sum": 253, "count": 4}
    assert [set(each.reading.value) for each in outcome.egress if each.entry.kind == "result"] == [
        {"sum", "count"}
    ] * 3


def test_the_log_of_an_organization_names_the_columns_that_there_are(sandbox):
    with pytest.raises(AlgorithmFailed, match="there is no column 'length'; the columns are: "):
        sandbox.run(PROJECT, "master", kwargs={"column_name": "length"})
