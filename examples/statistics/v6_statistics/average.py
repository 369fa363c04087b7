"""The average of a column."""

from v6_statistics.asking import ask_all


def average(client, data, column):
    """Give the average of a column over all organizations.

    Args:
        client: the vantage6 client.
        data: table of the organization at which this runs; not used.
        column: name of the column; missing values do not count.

    Returns:
        `{"average": x, "count": n}`.
    """
    parts = ask_all(client, "average_partial", column=column)
    count = sum(part["count"] for part in parts)
    return {"average": sum(part["sum"] for part in parts) / count, "count": count}


def RPC_average_partial(data, column):
    """Give the sum and the count of a column of one organization."""
    values = data[column].dropna()
    return {"sum": float(values.sum()), "count": len(values)}
