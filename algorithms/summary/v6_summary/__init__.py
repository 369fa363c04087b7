"""Federated summary of the columns of a table: an algorithm for vantage6 3.x.

Numbers are summed up by count, mean, minimum and maximum, everything else by its values and how
often each occurs. `describe` is what an organization computes, `combine` is how its answers are
put together.
"""

import time

from v6_summary.combine import combine
from v6_summary.describe import MAX_CATEGORIES, describe

POLL_SECONDS = 1


def master(client, data, columns=None, min_count=1, max_categories=MAX_CATEGORIES):
    """Summarize columns over all organizations of the collaboration.

    Runs at one organization, and asks all of them, its own included.

    Args:
        client: the vantage6 client that the wrapper hands to master methods.
        data: table of the organization this runs at; not used.
        columns: names of columns; None takes all that any organization has.
        min_count: see `RPC_summary`.
        max_categories: see `RPC_summary`.

    Returns:
        `{"rows": n, "columns": {name: summary}}`, as `RPC_summary` gives it for one organization.
        Whatever an organization kept back is None here too.

    Raises:
        RuntimeError: an organization has not answered, so that the summary would be of others.
        ValueError: a column holds numbers at some organizations, but not at others.
    """
    organizations = client.get_organizations_in_my_collaboration()
    ids = [organization["id"] for organization in organizations]
    print(f"Asking {len(ids)} organizations for their summaries")
    kwargs = {"columns": columns, "min_count": min_count, "max_categories": max_categories}
    task = client.create_new_task(
        input_={"method": "summary", "kwargs": kwargs}, organization_ids=ids
    )
    while not client.get_task(task["id"])["complete"]:
        print("Waiting for results")
        time.sleep(POLL_SECONDS)
    partials = client.get_results(task_id=task["id"])
    if len(partials) < len(ids):
        raise RuntimeError(
            f"only {len(partials)} of {len(ids)} organizations gave a result; the log of "
            f"task {task['id']} at the others says why"
        )
    return combine(partials)


def RPC_summary(data, columns=None, min_count=1, max_categories=MAX_CATEGORIES):
    """Summarize columns of one organization.

    Args:
        data: table of the organization.
        columns: names of columns; None takes all.
        min_count: no figure is handed out that rests on fewer rows than this; it is None instead.
            The default, 1, holds nothing back.
        max_categories: a column of texts with more different ones than this is taken for free
            text or identifiers; of these only the number of values and of missing ones is given.

    Returns:
        `{"rows": n, "columns": {name: summary}}`, where a summary is one of
        `{"type": "numeric", "count", "missing", "sum", "mean", "min", "max"}`,
        `{"type": "text", "count", "missing", "distinct", "categories": {value: count}}` with the
        most frequent first, or `{"type": "empty", "count": 0, "missing": n}`.

    Raises:
        ValueError: there is no such column, or an argument makes no sense.
    """
    return describe(data, columns, min_count, max_categories)
