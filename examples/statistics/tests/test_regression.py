"""The logistic regression over organizations: that of all rows together."""

import numpy as np

from v6sim.testing import compare_with_pooled, differences

PREDICTORS = ["age", "bmi", "smoker"]
FIT = {"outcome": "event", "predictors": PREDICTORS}


def fit_of(rows):
    """The coefficients of all rows together, by another way: weighted least squares, repeated."""
    rows = rows.dropna(subset=["event", *PREDICTORS])
    x = np.column_stack([np.ones(len(rows)), rows[PREDICTORS].to_numpy(dtype=float)])
    y, coefficients = rows["event"].to_numpy(dtype=float), np.zeros(len(PREDICTORS) + 1)
    for _ in range(50):
        scores = x @ coefficients
        chances = 1 / (1 + np.exp(-scores))
        root = np.sqrt(chances * (1 - chances))
        target = scores + (y - chances) / root**2
        coefficients, *_ = np.linalg.lstsq(x * root[:, None], target * root, rcond=None)
    return dict(zip(["intercept", *PREDICTORS], coefficients.tolist()))


def test_the_result_is_that_of_all_rows_together(sandbox, image, pooled):
    result = compare_with_pooled(  # with the same algorithm at one organization
        sandbox, image, "logistic_regression", kwargs=FIT, relative=1e-6
    )
    assert result["rows"] == len(pooled.dropna(subset=["event", *PREDICTORS]))
    assert not differences(result["coefficients"], fit_of(pooled), relative=1e-6)


def test_each_round_asks_everybody_once_and_no_values_of_single_rows_leave(sandbox, image):
    outcome = sandbox.run(image, "logistic_regression", kwargs=FIT)
    rounds = outcome.result["rounds"]
    assert rounds > 3
    assert [len(asked.runs) for asked in outcome.task.subtasks] == [3] * rounds
    left = [
        each
        for each in outcome.egress
        if each.organization == "south" and each.entry.kind == "result"
    ]
    assert len(left) == rounds
    assert not [finding for each in left for finding in each.findings]
