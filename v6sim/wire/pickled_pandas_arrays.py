"""What a pickle may name of pandas' own arrays: categories, intervals, periods, gaps and texts.

Their inner parts are only collected by stand-ins; the array is then made anew by the public
constructors of pandas.
"""

from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire.budget import Budget
from v6sim.wire.pickled_pandas_dtypes import DTYPES, Dtype
from v6sim.wire.pickled_pandas_scalars import checked_label, frequency
from v6sim.wire.pickled_pandas_sparse import SPARSE
from v6sim.wire.pickled_zones import zone_of
from v6sim.wire.sealed import Part, Sealed, SealedType, Unsupported

_SIZE, _OF_AN_ITEM = 500, 64
_MOST_DIMENSIONS = 2
_KINDS = {"i": pd.arrays.IntegerArray, "u": pd.arrays.IntegerArray, "b": pd.arrays.BooleanArray}
_EMPTY_FREQUENCY = "period["


class _Values(Part, metaclass=SealedType):
    """The content of an array of pandas that is a plain array inside."""

    stands_for = ("ExtensionArray", "pandas")
    kind: Any = None

    def set_state(self, budget: Budget, state: Any) -> Any:
        """Return the array, of its type and its content."""
        if type(state) not in (tuple, list, dict):
            raise ValueError("an extension array without its content")
        parts = list(state.values()) if isinstance(state, dict) else list(state)
        arrays = [part for part in parts if isinstance(part, np.ndarray)]
        types = [part for part in parts if isinstance(part, Dtype)]
        if len(arrays) != 1 or len(types) > 1 or arrays[0].ndim not in (1, _MOST_DIMENSIONS):
            raise ValueError("an extension array without its content")
        [array] = arrays
        count(budget, array)
        dtype = types[0] if types else None
        if array.ndim == 1:
            return _MAKERS[self.kind](budget, array, dtype)
        budget.take_values(len(array))
        budget.take_bytes(_SIZE * len(array))
        return Rows([_MAKERS[self.kind](budget, row, dtype) for row in array])


class Rows(Part, metaclass=SealedType):
    """Several columns in one block.

    Args:
        arrays: the content of each.
    """

    stands_for = ("Block", "pandas")

    def __init__(self, arrays: list[Any]) -> None:
        super().__init__()
        self.arrays = arrays

    def describe(self) -> dict[str, Any]:
        """Return the content of each."""
        return {"values": self.arrays}


def count(budget: Budget, column: Any) -> None:
    """Count what pandas makes of an array: a copy, and of texts and objects one for each."""
    budget.take_bytes(_SIZE + column.nbytes)
    if column.dtype.kind in "OSU":
        budget.take_values(len(column))
        budget.take_bytes(_OF_AN_ITEM * column.size)


def _times(_budget: Budget, array: Any, dtype: Any) -> Any:
    if array.dtype.kind != "M":
        raise ValueError("times that are no times")
    found = pd.DatetimeIndex(np.asarray(array))
    zone = None if dtype is None else zone_of(dtype.parts.get("tz"))
    return (found if zone is None else found.tz_localize("UTC").tz_convert(zone)).array


def _spans(_budget: Budget, array: Any, _: Any) -> Any:
    if array.dtype.kind != "m":
        raise ValueError("spans of time that are none")
    return pd.TimedeltaIndex(np.asarray(array)).array


def _texts(_budget: Budget, array: Any, dtype: Any) -> Any:
    """An array of texts; those of which nothing is missing by NaN are pandas' older ones."""
    has_nan = dtype is not None and any(isinstance(arg, float) for arg in dtype.args)
    if has_nan:
        return np.array(array, dtype=object)  # which tables make their own of
    return pd.array(array.tolist(), dtype=pd.StringDtype("python"))


def _categories(budget: Budget, array: Any, dtype: Any) -> Any:
    names = None if dtype is None else dtype.parts.get("categories")
    if not isinstance(names, pd.Index) or isinstance(names, pd.MultiIndex | pd.CategoricalIndex):
        raise ValueError("categories without their names")
    if array.dtype.kind != "i" or (
        len(array) and not -1 <= array.min() <= array.max() < len(names)
    ):
        raise ValueError("places of categories that there are not")
    budget.take_bytes(_OF_AN_ITEM * len(names))
    kind = pd.CategoricalDtype(names, ordered=dtype.parts.get("ordered") is True)
    budget.check_time()
    return pd.Categorical.from_codes(np.asarray(array), dtype=kind)


def _periods(_budget: Budget, array: Any, dtype: Any) -> Any:
    [given] = dtype.args[:1] if dtype is not None and dtype.args else [None]
    if type(given) is str:
        freq = frequency(given.removeprefix(_EMPTY_FREQUENCY).removesuffix("]"))
    elif isinstance(given, pd.offsets.BaseOffset):
        freq = given
    else:
        raise Unsupported("periods of an unknown length")
    if array.dtype != np.dtype("i8"):
        raise ValueError("periods without their numbers")
    return pd.arrays.PeriodArray(np.asarray(array), dtype=pd.PeriodDtype(freq))


def _plain(_budget: Budget, array: Any, _: Any) -> Any:
    return np.asarray(array)


def _named(text: str) -> Sealed:
    """Something that pickles hand over without calling it."""

    def refuse(*_: Any) -> Any:
        raise Unsupported(f"a call of {text}")

    return Sealed(refuse)


_KIND_NAMES = "StringArray", "DatetimeArray", "TimedeltaArray", "Categorical", "PeriodArray"
_STRINGS, _DATETIMES, _TIMEDELTAS, _CATEGORICAL, _PERIODS, _NUMPY = map(
    _named, (*_KIND_NAMES, "NumpyExtensionArray")
)
_MAKERS: dict[Any, Any] = {
    _STRINGS: _texts, _DATETIMES: _times, _TIMEDELTAS: _spans, _CATEGORICAL: _categories,
    _PERIODS: _periods, _NUMPY: _plain,
}  # fmt: skip


def _backed(budget: Budget, kind: Any, _checksum: Any = None, state: Any = None) -> Any:
    """What is a plain array inside; its state may come at once, or later."""
    if not isinstance(kind, Sealed) or kind not in _MAKERS:
        raise Unsupported("an extension array of another type")
    budget.take_bytes(_SIZE)
    made = _Values()
    made.kind = kind
    return made if state is None else made.set_state(budget, state)


class _WithGaps(Part, metaclass=SealedType):
    """An array of numbers or booleans with gaps."""

    stands_for = ("BaseMaskedArray", "pandas")

    def set_state(self, budget: Budget, state: Any) -> Any:
        """Return the array, of its content and its gaps."""
        data, mask = state["_data"], state["_mask"]
        if not all(isinstance(part, np.ndarray) and part.ndim == 1 for part in (data, mask)):
            raise ValueError("an array with gaps without its content")
        if mask.dtype != np.dtype(bool) or len(mask) != len(data) or data.dtype.kind not in "iufb":
            raise ValueError("gaps that are none")
        budget.take_bytes(_SIZE + data.nbytes + mask.nbytes)
        kind = _KINDS.get(data.dtype.kind) or pd.arrays.FloatingArray
        return kind(np.array(data), np.array(mask))


class _Intervals(Part, metaclass=SealedType):
    """An array of intervals."""

    stands_for = ("IntervalArray", "pandas")

    def set_state(self, budget: Budget, state: Any) -> Any:
        """Return the array, of the ends of all."""
        parts = state[0] if type(state) is tuple else state
        dtype = parts.get("_dtype")
        closed = dtype.parts.get("closed") if isinstance(dtype, Dtype) else parts.get("_closed")
        return intervals(budget, parts["_left"], parts["_right"], closed).array


def intervals(budget: Budget, left: Any, right: Any, closed: Any, name: Any = None) -> Any:
    """Return an index of intervals.

    Args:
        budget: what is counted.
        left: the lower ends: an array or an index.
        right: the upper ends.
        closed: which of them belong to the intervals.
        name: the name of the index.
    """
    kinds = (np.ndarray, pd.Index, pd.api.extensions.ExtensionArray)
    if not isinstance(left, kinds) or not isinstance(right, kinds) or type(closed) is not str:
        raise ValueError("intervals without their ends")
    if left.ndim != 1 or right.ndim != 1 or left.dtype.kind not in "iufmM":
        raise Unsupported("intervals of what has no order")
    for ends in (left, right):
        count(budget, ends)
    lower, upper = (
        pd.Index(np.asarray(end) if isinstance(end, np.ndarray) else end) for end in (left, right)
    )
    return pd.IntervalIndex.from_arrays(lower, upper, closed=closed, name=checked_label(name))


def _new_intervals(budget: Budget, kind: Any, *_: Any) -> Any:
    if kind is not _Intervals:
        raise Unsupported("an extension array of another type")
    budget.take_bytes(_SIZE)
    return _Intervals()


_MASKED = ("integer", "IntegerArray"), ("floating", "FloatingArray"), ("boolean", "BooleanArray")
_CORE = "pandas.core.arrays"


def _in(modules: tuple[str, ...], name: str, stand_in: Any) -> dict[tuple[str, str], Any]:
    return {(module, name): stand_in for module in modules}


ARRAYS: dict[tuple[str, str], Any] = {
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"): Sealed(_backed),
    ("pandas._libs.interval", "__pyx_unpickle_IntervalMixin"): Sealed(_new_intervals),
    **SPARSE,
    **_in(("pandas.arrays", f"{_CORE}.string_"), "StringArray", _STRINGS),
    **_in(("pandas.arrays", f"{_CORE}.datetimes"), "DatetimeArray", _DATETIMES),
    **_in(("pandas.arrays", f"{_CORE}.timedeltas"), "TimedeltaArray", _TIMEDELTAS),
    **_in(("pandas", f"{_CORE}.categorical"), "Categorical", _CATEGORICAL),
    **_in(("pandas.arrays", f"{_CORE}.period"), "PeriodArray", _PERIODS),
    **_in(("pandas.arrays", f"{_CORE}.numpy_"), "NumpyExtensionArray", _NUMPY),
    **_in((f"{_CORE}.numpy_",), "PandasArray", _NUMPY),
    **_in(("pandas.arrays", f"{_CORE}.interval"), "IntervalArray", _Intervals),
    **{
        key: _WithGaps
        for home, name in _MASKED
        for key in (("pandas.arrays", name), (f"{_CORE}.{home}", name))
    },
    **DTYPES,
}
