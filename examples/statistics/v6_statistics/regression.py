"""Logistic regression by Newton's method: each round asks every organization once.

The log-likelihood of all rows is the sum of those of the organizations, and so are its derivatives.
So an organization hands out sums over its rows, and the master takes the step that all rows
together would take: the result is that of the pooled data, not an approximation of it.
"""

import numpy as np

from v6_statistics.asking import ask_all

INTERCEPT = "intercept"
FEWEST_ROWS = 10


def logistic_regression(client, data, outcome, predictors, tolerance=1e-5, max_rounds=25):
    """Fit a logistic regression over all organizations.

    Args:
        client: the vantage6 client.
        data: table of the organization at which this runs; not used.
        outcome: name of a column of zeros and ones.
        predictors: names of numeric columns; rows that lack one of them do not count.
        tolerance: the fit has been found when a step changes no coefficient by more than this; what
            is wrong then is about the square of it.
        max_rounds: after how many rounds to give up.

    Returns:
        `{"coefficients": {name: x}, "standard_errors": {name: x}, "log_likelihood": x,
        "rows": n, "rounds": n}`.

    Raises:
        RuntimeError: an organization gave nothing, or no fit was found.
    """
    names = [INTERCEPT, *predictors]
    coefficients = np.zeros(len(names))
    for number in range(1, max_rounds + 1):
        parts = ask_all(
            client,
            "derivatives",
            outcome=outcome,
            predictors=list(predictors),
            coefficients=coefficients.tolist(),
        )
        gradient = np.sum([part["gradient"] for part in parts], axis=0)
        information = np.sum([part["information"] for part in parts], axis=0)
        step = np.linalg.solve(information, gradient)
        coefficients += step
        print("round %d: a step of %.3g" % (number, np.abs(step).max()))
        if np.abs(step).max() < tolerance:
            errors = np.sqrt(np.diag(np.linalg.inv(information)))
            return {
                "coefficients": dict(zip(names, coefficients.tolist())),
                "standard_errors": dict(zip(names, errors.tolist())),
                "log_likelihood": sum(part["log_likelihood"] for part in parts),
                "rows": sum(part["rows"] for part in parts),
                "rounds": number,
            }
    raise RuntimeError("no fit was found in %d rounds" % max_rounds)


def RPC_derivatives(data, outcome, predictors, coefficients):
    """Give the log-likelihood of one organization's rows and its derivatives, at coefficients.

    Args:
        data: table of the organization.
        outcome: see `logistic_regression`.
        predictors: see there.
        coefficients: where, that of the intercept first.

    Returns:
        `{"gradient": [x], "information": [[x]], "log_likelihood": x, "rows": n}`: sums over rows.

    Raises:
        ValueError: there are too few rows for sums over them to be given away.
    """
    rows = data[[outcome, *predictors]].dropna()
    if len(rows) < FEWEST_ROWS:
        raise ValueError("fewer than %d complete rows: their sums stay here" % FEWEST_ROWS)
    x = np.column_stack([np.ones(len(rows)), rows[predictors].to_numpy(dtype=float)])
    y = rows[outcome].to_numpy(dtype=float)
    scores = x @ np.asarray(coefficients)
    chances = 1 / (1 + np.exp(-scores))
    weights = chances * (1 - chances)
    return {
        "gradient": (x.T @ (y - chances)).tolist(),
        "information": (x.T @ (x * weights[:, None])).tolist(),
        "log_likelihood": float(np.sum(y * scores - np.logaddexp(0, scores))),
        "rows": len(rows),
    }
