"""Values as JSON can hold them."""

from math import isfinite
from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON can hold it: numbers and tables of NumPy and pandas as plain ones."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):  # of which NumPy has kinds of its own
        return float(value) if isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    for name in ("to_dict", "tolist", "isoformat"):
        if hasattr(value, name):
            return plain(getattr(value, name)())
    return str(value)
