"""Values as JSON sees them: which contain others, and what single ones are.

Nothing is made whole here: arrays and tables of NumPy and pandas are walked through item by item.
They are known by their types, without importing the libraries for values that have none of theirs.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from functools import lru_cache
from math import isfinite
from typing import Any

from v6sim.wire.foreign import ForeignObject, content_of

_PORTION = 4096
"""Items of an array that are turned into Python's at a time."""


class Kind(Enum):
    """How a value is walked through."""

    SINGLE = auto()
    SEQUENCE = auto()
    MAPPING = auto()
    ARRAY = auto()
    INDEX = auto()
    SERIES = auto()
    TABLE = auto()
    RECORD = auto()
    """A row of an array with fields; or bytes without a meaning, which contain nothing."""
    FOREIGN = auto()


def _kind(type_: type) -> Kind:
    if issubclass(type_, dict):
        return Kind.MAPPING
    if issubclass(type_, list | tuple | set | frozenset | deque):
        return Kind.SEQUENCE
    if issubclass(type_, ForeignObject):
        return Kind.FOREIGN
    np, pd = sys.modules.get("numpy"), sys.modules.get("pandas")
    if np is not None and issubclass(type_, np.ndarray):
        return Kind.ARRAY
    if np is not None and issubclass(type_, np.void):
        return Kind.RECORD
    if pd is not None:
        for kind, base in (
            (Kind.TABLE, pd.DataFrame), (Kind.SERIES, pd.Series), (Kind.INDEX, pd.Index),
            (Kind.INDEX, pd.api.extensions.ExtensionArray),
        ):  # fmt: skip
            if issubclass(type_, base):
                return kind
    return Kind.SINGLE


kind_of: Callable[[type], Kind] = lru_cache(maxsize=512)(_kind)
"""Return how values of a type are walked through."""


def is_opaque(value: Any) -> bool:
    """Return whether a value is bytes of NumPy without a meaning, which contain nothing."""
    return kind_of(type(value)) is Kind.RECORD and not value.dtype.names


def pairs_of(value: Any) -> Iterable[tuple[Any, Any]] | None:
    """Return the names and items of what JSON writes as an object; None for all else."""
    kind = kind_of(type(value))
    if kind is Kind.MAPPING:
        pairs: Iterable[tuple[Any, Any]] = value.items()
        return pairs
    if kind is Kind.SERIES:
        return zip(value.index, value, strict=True)
    if kind is Kind.TABLE:
        return ((name, value.iloc[:, place]) for place, name in enumerate(value.columns))
    if kind is Kind.FOREIGN:
        return (("ForeignObject", content_of(value)),)
    if kind is Kind.RECORD and value.dtype.names:
        return ((name, value[name]) for name in value.dtype.names)
    return None


def items_of(value: Any) -> Iterable[Any] | None:
    """Return the items of what JSON writes as an array; None for all else."""
    kind = kind_of(type(value))
    if kind is Kind.SEQUENCE or kind is Kind.INDEX:
        items: Iterable[Any] = value
        return items
    if kind is not Kind.ARRAY:
        return None
    if value.ndim:
        return _items_of_array(value)
    return [value[()]] if value.dtype.hasobject or value.dtype.names else None


def _items_of_array(array: Any) -> Iterator[Any]:
    if array.ndim > 1:
        yield from (array[place] for place in range(len(array)))
        return
    if array.dtype.names:
        yield from array
        return
    for begin in range(0, len(array), _PORTION):
        yield from array[begin : begin + _PORTION].tolist()


def as_text(write: Any) -> str:
    """Return what a value writes of itself; strangers can make some that cannot."""
    try:
        return str(write())
    except MemoryError:
        raise
    except Exception as error:  # an integer with too many digits, a time that no calendar has
        return f"<a {type(write.__self__).__name__} that cannot be written: {error!s:.100}>"


def single(value: Any, write: Callable[[Any], str] = as_text) -> bool | int | float | str | None:
    """Return a value that contains no others as JSON can hold it; numbers it has not are null.

    Args:
        value: the value.
        write: gives what a method of it writes.
    """
    if isinstance(value, float):  # of which NumPy has kinds of its own
        return float(value) if isfinite(value) else None
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, int):
        return value
    if is_of_numpy(value):
        return single(plain_item(value), write)
    if hasattr(type(value), "isoformat"):
        return write(value.isoformat)
    return write(value.__str__)


def is_of_numpy(value: Any) -> bool:
    """Return whether a value is a scalar of NumPy, or an array of none of the dimensions."""
    np = sys.modules.get("numpy")
    return np is not None and isinstance(value, np.generic | np.ndarray)


def has_plain_bytes(array: Any) -> bool:
    """Return whether the bytes of an array are all there is of it: none is masked, or an object."""
    np = sys.modules["numpy"]
    kind = array.dtype
    return not (kind.hasobject or kind.names or isinstance(array, np.ma.MaskedArray))


def plain_item(value: Any) -> Any:
    """Return a scalar of NumPy as one of Python; those that Python has not as their texts."""
    np = sys.modules["numpy"]
    found = value.tolist() if isinstance(value, np.ma.MaskedArray) else value.item()
    if isinstance(found, int) and isinstance(value, np.datetime64 | np.timedelta64):
        return str(value)  # of nanoseconds
    if not isinstance(found, np.generic):
        return found
    return float(found) if isinstance(found, np.floating) else str(found)
