"""Federated average of one column: an algorithm for vantage6 3.x.

The data stay where they are. Each organization hands out two numbers, the sum of its column and how
many values went into it; from these the average over all organizations follows exactly.
"""

import time

from pandas.api.types import is_integer_dtype, is_numeric_dtype

POLL_SECONDS = 1


def master(client, data, column_name):
    """Compute the average of a column over all organizations of the collaboration.

    Runs at one organization, and asks all of them, its own included.

    Args:
        client: the vantage6 client that the wrapper hands to master methods.
        data: table of the organization this runs at; not used.
        column_name: name of a numeric column that all organizations have.

    Returns:
        `{"average": x}`.

    Raises:
        RuntimeError: an organization has not answered, so that the average would be of others.
        ValueError: the column is empty everywhere.
    """
    organizations = client.get_organizations_in_my_collaboration()
    ids = [organization["id"] for organization in organizations]
    print(
        f"Asking {len(ids)} organizations for their parts"
    )  # logs are read by the server's people
    task = client.create_new_task(
        input_={"method": "average_partial", "kwargs": {"column_name": column_name}},
        organization_ids=ids,
    )
    wait_for(client, task["id"])
    partials = client.get_results(task_id=task["id"])
    if len(partials) < len(ids):
        raise RuntimeError(
            f"only {len(partials)} of {len(ids)} organizations gave a result; the log of "
            f"task {task['id']} at the others says why"
        )
    return combine(partials, column_name)


def RPC_average_partial(data, column_name):
    """Sum up and count the values of a column at one organization.

    Args:
        data: table of the organization.
        column_name: name of a numeric column; values that are missing do not count.

    Returns:
        `{"sum": x, "count": n}`; the sum of whole numbers is a whole number.

    Raises:
        ValueError: there is no such column, or it does not hold numbers.
    """
    if column_name not in data.columns:
        columns = ", ".join(map(str, data.columns))
        raise ValueError(f"there is no column '{column_name}'; the columns are: {columns}")
    values = data[column_name].dropna()
    if values.empty:
        return {"sum": 0, "count": 0}
    if not is_numeric_dtype(values):
        # the type only: an error leaves the organization, its values must not
        raise ValueError(f"column '{column_name}' holds no numbers but {values.dtype}")
    total = values.sum()
    return {
        "sum": int(total) if is_integer_dtype(values) else float(total),
        "count": len(values),
    }


def combine(partials, column_name):
    """Make one average of the sums and counts of several organizations."""
    count = sum(partial["count"] for partial in partials)
    if count == 0:
        raise ValueError(f"column '{column_name}' has no values at any organization")
    return {"average": sum(partial["sum"] for partial in partials) / count}


def wait_for(client, task_id):
    """Wait until all organizations have ended a task, be it well or not."""
    while not client.get_task(task_id)["complete"]:
        print("Waiting for results")
        time.sleep(POLL_SECONDS)
