"""What a pickle may name of pandas' indexes; their labels are checked before they are hashed."""

from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire.budget import Budget
from v6sim.wire.hash_check import HashCheck
from v6sim.wire.pickled_pandas_arrays import count, intervals
from v6sim.wire.pickled_pandas_scalars import checked_label
from v6sim.wire.sealed import Sealed, Unsupported

_OF_AN_INDEX = 2_000
_CONTENTS = (np.ndarray, pd.Index, pd.api.extensions.ExtensionArray)
_OF_A_LABEL, _OF_A_NUMBER, _LONGEST = 64, 8, 2**61


def _index(budget: Budget, kind: Any, parts: Any) -> pd.Index:
    if type(parts) is not dict:
        raise ValueError("an index without its content")
    budget.take_bytes(_OF_AN_INDEX)
    name = checked_label(parts.get("name"))
    if kind is _RANGE_INDEX:
        begin, end, step = (parts[part] for part in ("start", "stop", "step"))
        if not all(type(number) is int and abs(number) < _LONGEST for number in (begin, end, step)):
            raise ValueError("a range of what is no number of rows")
        return pd.RangeIndex(begin, end, step, name=name)
    if kind is _MULTI_INDEX:
        return _multi_index(budget, parts)
    if kind is _INTERVAL_INDEX and "left" in parts:
        return intervals(budget, parts["left"], parts["right"], parts["closed"], name)
    if kind not in (_INDEX, _INTERVAL_INDEX):
        raise Unsupported("an index of another type")
    array = parts["data"]
    if isinstance(array, pd.RangeIndex):
        return array.rename(name)
    if not isinstance(array, _CONTENTS) or array.ndim != 1:
        raise ValueError("an index without its content")
    count(budget, array)
    if isinstance(array, np.ndarray) and array.dtype.kind == "O":
        HashCheck(budget).check(array, [checked_label(label) for label in array])
    return pd.Index(array, name=name, copy=True, tupleize_cols=False)


def _multi_index(budget: Budget, parts: dict[str, Any]) -> pd.Index:
    """An index of several levels; that codes are places in them is checked, and nothing hashed."""
    levels, codes, names = parts["levels"], parts["codes"], parts["names"]
    if not all(type(part) in (list, tuple) for part in (levels, codes, names)) or not (
        0 < len(levels) == len(codes) == len(names)
    ):
        raise ValueError("an index of levels without their codes")
    for level, code, name in zip(levels, codes, names, strict=True):
        checked_label(name)
        if not isinstance(level, pd.Index) or isinstance(level, pd.MultiIndex):
            raise ValueError("a level that is no index")
        if isinstance(level, pd.RangeIndex):  # pandas makes all of its numbers for a few of them
            budget.take_bytes(_OF_A_NUMBER * len(level))
        if not isinstance(code, np.ndarray):
            raise ValueError("an index of levels without their codes")
        if code.ndim != 1 or code.dtype.kind != "i" or len(code) != len(codes[0]):
            raise ValueError("codes of an index that are no places")
        if len(code) and not -1 <= code.min() <= code.max() < len(level):
            raise ValueError("codes of an index outside its levels")
        budget.take_bytes(_OF_AN_INDEX + _OF_A_LABEL * len(code))
    plain = [np.asarray(code) for code in codes]
    return pd.MultiIndex(list(levels), plain, names=list(names), verify_integrity=False)


def _named(text: str) -> Sealed:
    """A kind of index that pickles hand over without calling it."""

    def refuse(*_: Any) -> Any:
        raise Unsupported(f"a call of {text}")

    return Sealed(refuse)


_RANGE_INDEX, _MULTI_INDEX, _INTERVAL_INDEX, _INDEX = (
    _named(f"{kind}Index") for kind in ("Range", "Multi", "Interval", "")
)
_BASE, _HOMES = "pandas.core.indexes.base", "pandas.core.indexes"
_PLAIN = {
    "base": ("Index",), "datetimes": ("DatetimeIndex",), "timedeltas": ("TimedeltaIndex",),
    "category": ("CategoricalIndex",), "period": ("PeriodIndex",),
    "numeric": ("Int64Index", "UInt64Index", "Float64Index"),
}  # fmt: skip
_NEW = Sealed(_index)

INDEXES: dict[tuple[str, str], Any] = {
    (_BASE, "_new_Index"): _NEW,
    (f"{_HOMES}.datetimes", "_new_DatetimeIndex"): _NEW,
    (f"{_HOMES}.timedeltas", "_new_TimedeltaIndex"): _NEW,
    (f"{_HOMES}.period", "_new_PeriodIndex"): _NEW,
    (f"{_HOMES}.interval", "_new_IntervalIndex"): _NEW,
    ("pandas", "RangeIndex"): _RANGE_INDEX,
    (f"{_HOMES}.range", "RangeIndex"): _RANGE_INDEX,
    ("pandas", "MultiIndex"): _MULTI_INDEX,
    (f"{_HOMES}.multi", "MultiIndex"): _MULTI_INDEX,
    ("pandas", "IntervalIndex"): _INTERVAL_INDEX,
    (f"{_HOMES}.interval", "IntervalIndex"): _INTERVAL_INDEX,
    **{
        (module, name): _INDEX
        for home, names in _PLAIN.items()
        for name in names
        for module in ("pandas", f"{_HOMES}.{home}")
    },
}
