"""How the answers of organizations are put together."""

from v6_summary.describe import by_frequency


def combine(partials):
    """Make one summary of those of several organizations.

    A column that only some organizations have is summed up over these. A figure that one of them
    kept back is None.
    """
    names = {name: None for partial in partials for name in partial["columns"]}
    return {
        "rows": total(partial["rows"] for partial in partials),
        "columns": {
            name: combine_column(
                name,
                [partial["columns"][name] for partial in partials if name in partial["columns"]],
            )
            for name in names
        },
    }


def combine_column(name, summaries):
    """Combine the summaries of one column."""
    counts = {key: total(summary[key] for summary in summaries) for key in ("count", "missing")}
    filled = [summary for summary in summaries if summary["type"] != "empty"]
    types = {summary["type"] for summary in filled}
    if len(types) > 1:
        numeric = sum(summary["type"] == "numeric" for summary in filled)
        raise ValueError(
            f"column '{name}' holds numbers at {numeric} and texts at {len(filled) - numeric} "
            "organizations; it can only be summed up over one kind"
        )
    if not types:
        return {"type": "empty", **counts}
    if types == {"numeric"}:
        return {"type": "numeric", **counts, **combine_numbers(filled, counts["count"])}
    return {"type": "text", **counts, **combine_texts(filled)}


def combine_numbers(summaries, count):
    """Combine sums and extremes; the mean follows from the sums."""
    whole = total(summary["sum"] for summary in summaries)
    return {
        "sum": whole,
        "mean": None if whole is None or count is None else whole / count,
        "min": over(min, [summary["min"] for summary in summaries]),
        "max": over(max, [summary["max"] for summary in summaries]),
    }


def combine_texts(summaries):
    """Combine counts of categories."""
    if any(summary["categories"] is None for summary in summaries):
        return {"distinct": None, "categories": None}
    counts = {}
    for summary in summaries:
        for value, count in summary["categories"].items():
            counts[value] = counts.get(value, 0) + count
    return {"distinct": len(counts), "categories": by_frequency(counts)}


def total(figures):
    """Sum up figures; None if one of them is."""
    return over(sum, list(figures))


def over(function, figures):
    """Apply a function to figures; None if one of them is None."""
    return None if any(figure is None for figure in figures) else function(figures)
