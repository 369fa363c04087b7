"""What the algorithm does when something goes wrong."""

import pytest

from v6sim import AlgorithmFailed


def test_a_missing_column_is_named_by_the_organization_that_lacks_it(sandbox, image):
    with pytest.raises(AlgorithmFailed, match="'stay'") as caught:
        sandbox.run(image, "average_partial", kwargs={"column": "stay"})
    assert (
        "Error encountered while calling RPC_average_partial" in caught.value.outcome.logs["east"]
    )
    assert caught.value.outcome.results["north"]["count"] == 60


def test_an_average_of_some_organizations_is_no_average(sandbox, image):
    with pytest.raises(AlgorithmFailed, match="only 2 of 3 organizations gave their part"):
        sandbox.run(image, "average", kwargs={"column": "stay"})


def test_few_rows_are_not_given_away(sandbox, image):
    outcome = sandbox.run(
        image,
        "derivatives",
        kwargs={"outcome": "event", "predictors": ["rare"], "coefficients": [0, 0]},
        organizations=["east"],
        check=False,
    )
    assert outcome.status == "failed"
    assert "fewer than 10 complete rows: their sums stay here" in outcome.logs["east"]


def test_a_slow_server_changes_nothing(sandbox, image):
    sandbox.faults.add("slow", "/task", method="POST", seconds=0.1)
    outcome = sandbox.run(image, "average", kwargs={"column": "age"})
    assert outcome.result["count"] == 185


def test_a_refusal_ends_the_master_as_a_container_cannot_log_in_again(sandbox, image):
    sandbox.faults.add("status", "/collaboration/*/organization", status=403)
    with pytest.raises(AlgorithmFailed, match="Containers cannot refresh!"):
        sandbox.run(image, "average", kwargs={"column": "age"})
