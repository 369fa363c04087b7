"""What one organization computes."""

from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

MAX_CATEGORIES = 20


def describe(data, columns, min_count, max_categories):
    """Summarize columns of a table; see `RPC_summary`."""
    if isinstance(columns, str):
        raise ValueError(f"columns must be a list of names, not the text '{columns}'")
    if min_count < 1 or max_categories < 0:
        raise ValueError("min_count must be 1 or more, and max_categories 0 or more")
    names = list(data.columns if columns is None else columns)
    missing = [str(name) for name in names if name not in data.columns]
    if missing:
        known = ", ".join(map(str, data.columns))
        raise ValueError(f"there is no column {', '.join(missing)}; the columns are: {known}")
    return {
        "rows": enough(len(data), min_count),
        "columns": {
            str(name): describe_column(data[name], min_count, max_categories) for name in names
        },
    }


def describe_column(column, min_count, max_categories):
    """Summarize one column, by the kind of its values."""
    values = column.dropna()
    counts = {
        "count": enough(len(values), min_count),
        "missing": enough(len(column) - len(values), min_count),
    }
    if values.empty:
        return {"type": "empty", **counts}
    if is_numeric_dtype(values) and not is_bool_dtype(values):
        return {"type": "numeric", **counts, **describe_numbers(values, min_count)}
    return {"type": "text", **counts, **describe_texts(values, min_count, max_categories)}


def describe_numbers(values, min_count):
    """Give sum, mean and extremes; extremes only if enough rows share them."""
    if len(values) < min_count:
        return dict.fromkeys(("sum", "mean", "min", "max"))
    number = int if is_integer_dtype(values) else float
    lowest, highest = values.min(), values.max()
    return {
        "sum": number(values.sum()),
        "mean": float(values.mean()),
        "min": number(lowest) if (values == lowest).sum() >= min_count else None,
        "max": number(highest) if (values == highest).sum() >= min_count else None,
    }


def describe_texts(values, min_count, max_categories):
    """Count each different value; all of them or none, so that nothing can be worked out."""
    counts = values.astype(str).value_counts()
    if len(counts) > max_categories or counts.min() < min_count:
        return {"distinct": None, "categories": None}
    return {"distinct": len(counts), "categories": by_frequency(counts.to_dict())}


def by_frequency(counts):
    """Sort counts: the most frequent first, then by name; as plain numbers."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {str(name): int(count) for name, count in ordered}


def enough(rows, min_count):
    """Give a number of rows, unless it is too small to be told. None at all tells nothing."""
    return rows if rows == 0 or rows >= min_count else None
