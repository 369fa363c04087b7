"""The average over organizations."""

import pandas as pd
from v6_statistics import RPC_average_partial

from v6sim.testing import compare_with_pooled


def test_a_partial_counts_what_is_there():
    data = pd.DataFrame({"bmi": [20.5, None, 30.0]})
    assert RPC_average_partial(data, "bmi") == {"sum": 50.5, "count": 2}


def test_the_average_is_that_of_all_rows(sandbox, image):
    compare_with_pooled(
        sandbox,
        image,
        "average",
        kwargs={"column": "bmi"},
        pooled=lambda rows: {"average": rows["bmi"].mean(), "count": rows["bmi"].count()},
        relative=1e-6,
    )


def test_each_organization_gives_its_own_part(sandbox, image):
    outcome = sandbox.run(
        image, "average_partial", kwargs={"column": "age"}, organizations=["north", "south"]
    )
    assert list(outcome.results) == ["north", "south"]
    assert outcome.results["north"]["count"] == 60
