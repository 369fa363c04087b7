"""Many ids in statements that are not too long."""

from collections.abc import Collection, Iterable

_CHUNK = 10_000  # ids in one statement; SQLite takes 32,766


def chunks(keys: Collection[int]) -> Iterable[list[int]]:
    """The keys in portions that fit into one statement."""
    ordered = list(keys)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))
