"""Cutting one table into the parts that organizations would hold."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

Way = Literal["random", "column", "skew"]

_RATIO = 0.5  # how much smaller each part is than the one before it, with `skew`


class CannotSplit(ValueError):
    """The table cannot be cut like that; the text says why."""


def split(values: Sequence[str], parts: int, way: Way = "random", seed: int = 0) -> list[list[int]]:
    """Which rows go into which part.

    Args:
        values: of each row, that of the column to cut by; for `random` only their number counts.
        parts: how many parts, each with at least one row.
        way: `random` deals rows out evenly; `column` keeps rows of one value together, in as even
            parts as that allows; `skew` sorts by the column, and makes each part half as large as
            the one before it.
        seed: of all that is drawn; the same one gives the same parts.

    Returns:
        The positions of the rows of each part, in their old order.

    Raises:
        CannotSplit: there are too few rows or values.
    """
    if parts < 1:
        raise CannotSplit(f"{parts} organizations: at least 1 is needed")
    if len(values) < parts:
        raise CannotSplit(f"{len(values)} rows are too few for {parts} organizations")
    ways = {"random": _random, "column": _by_value, "skew": _skewed}
    return [sorted(part) for part in ways[way](values, parts, random.Random(seed))]  # noqa: S311


def _random(values: Sequence[str], parts: int, chance: random.Random) -> list[list[int]]:
    rows = list(range(len(values)))
    chance.shuffle(rows)
    return [rows[start::parts] for start in range(parts)]


def _by_value(values: Sequence[str], parts: int, _: random.Random) -> list[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, value in enumerate(values):
        groups[value].append(row)
    if len(groups) < parts:
        raise CannotSplit(
            f"the column has {len(groups)} different values: too few for {parts} organizations"
        )
    made: list[list[int]] = [[] for _ in range(parts)]
    for rows in sorted(groups.values(), key=len, reverse=True):
        min(made, key=len).extend(rows)
    return made


def _skewed(values: Sequence[str], parts: int, _: random.Random) -> list[list[int]]:
    rows = sorted(range(len(values)), key=lambda row: _sortable(values[row]))
    weights = [_RATIO**number for number in range(parts)]
    made, start = [], 0
    for number, weight in enumerate(weights):
        left = parts - number - 1
        size = round(len(rows) * weight / sum(weights))
        stop = len(rows) if not left else min(start + max(size, 1), len(rows) - left)
        made.append(rows[start:stop])
        start = stop
    return made


def _sortable(value: str) -> tuple[bool, float, str]:
    """Numbers by size, before texts by their letters."""
    try:
        return False, float(value), ""
    except ValueError:
        return True, 0.0, value
