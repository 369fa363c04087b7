"""What a pickle may name of pandas: tables, series and indexes whose columns are plain.

Read are the layouts that pandas 1.3 to 3 write. Blocks and managers, pandas' inner parts, are only
collected by stand-ins; the table is then made anew by the public constructors. Categories, time
zones, intervals and the other extension types are not read.
"""

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire.budget import Budget
from v6sim.wire.hash_check import HashCheck
from v6sim.wire.sealed import Part, Sealed, SealedType

_RESOLUTIONS = {7: "s", 8: "ms", 9: "us", 10: "ns"}
_OF_A_COLUMN = 2_000
"""Bytes that a column takes beside its content."""

_OF_A_LABEL, _OF_A_NUMBER, _LONGEST = 64, 8, 2**61
_LABELS = (str, int, float, bool, bytes, type(None), tuple, dt.date, dt.datetime, dt.time, Decimal)
"""Types that labels and names have: pandas hashes them."""


class _Values(Part, metaclass=SealedType):
    """The content of an extension array that is a plain array inside: texts or times."""

    array: Any = None

    def set_state(self, _budget: Budget, state: Any) -> None:
        """Take the content."""
        if type(state) not in (tuple, list, dict):
            raise ValueError("an extension array without its content")
        parts = state.values() if isinstance(state, dict) else state
        arrays = [part for part in parts if isinstance(part, np.ndarray)]
        if len(arrays) != 1:
            raise ValueError("an extension array without its content")
        object.__setattr__(self, "array", arrays[0])


class _Block(Part, metaclass=SealedType):
    """Some columns of one type: their content and their places in the table."""

    def __init__(self, budget: Budget, values: Any, places: Any, ndim: Any = 2) -> None:
        array = values.array if isinstance(values, _Values) else values
        if not isinstance(array, np.ndarray) or array.ndim not in (1, 2) or ndim not in (1, 2):
            raise ValueError("a block without its content")
        self.array = np.asarray(array)
        self.places = _places(budget, places)

    def columns(self) -> dict[int, Any]:
        """Each column's content by its place; times may come as a single column."""
        rows = self.array if self.array.ndim == 2 else self.array[None, :]
        return dict(zip(self.places, rows, strict=True))


def _places(budget: Budget, places: Any) -> range | list[int]:
    if isinstance(places, slice):
        found = range(places.start, places.stop, places.step or 1)
        budget.take_bytes(len(found) * _OF_A_COLUMN)
        budget.take_values(len(found))
        return found
    if not isinstance(places, np.ndarray) or places.ndim != 1 or places.dtype.kind != "i":
        raise ValueError("a block that has no place")
    budget.take_bytes(len(places) * _OF_A_COLUMN)
    budget.take_values(len(places))
    return [int(place) for place in places]


class _BlockMaker(Part, metaclass=SealedType):
    """What stands for `functools.partial`, with which pandas 1.3 writes its blocks."""

    @classmethod
    def from_pickle(cls, _budget: Budget, function: Any) -> "_BlockMaker":
        """Return one that makes blocks."""
        if function is not _NEW_BLOCK:
            raise ValueError("a partial of something else than a block")
        return cls()

    def set_state(self, _budget: Budget, state: Any) -> None:
        """There is nothing to keep: the arguments are those of every block."""

    def call_with(self, budget: Budget, values: Any, places: Any) -> _Block:
        """Return a block."""
        return _Block(budget, values, places)


class _Manager(Part, metaclass=SealedType):
    """The blocks and axes of a table or a series."""

    blocks: Any = ()
    axes: Any = ()

    @classmethod
    def from_pickle(cls, _budget: Budget, blocks: Any = (), axes: Any = ()) -> "_Manager":
        """Return one, of blocks and axes."""
        made = cls()
        made._take(blocks, axes)
        return made

    def set_state(self, budget: Budget, state: Any) -> None:
        """Take blocks and axes as older versions write them."""
        parts = state[3]["0.14.1"]
        blocks = [_Block(budget, each["values"], each["mgr_locs"]) for each in parts["blocks"]]
        self._take(blocks, parts["axes"])

    def _take(self, blocks: Any, axes: Any) -> None:
        if (
            type(blocks) not in (list, tuple)
            or type(axes) not in (list, tuple)
            or not all(isinstance(block, _Block) for block in blocks)
            or not all(isinstance(axis, pd.Index) for axis in axes)
        ):
            raise ValueError("a table without blocks and axes")
        self.blocks, self.axes = list(blocks), list(axes)

    def columns(self, rows: int) -> list[Any]:
        """The content of all columns, in the order of the table."""
        found: dict[int, Any] = {}
        for block in self.blocks:
            found.update(block.columns())
        if any(len(column) != rows for column in found.values()):
            raise ValueError(f"a column that has not {rows} rows")
        return [found[place] for place in sorted(found)]


class _DataFrame(pd.DataFrame, metaclass=SealedType):  # type: ignore[misc]
    """A table made anew from checked parts; reads and prints as one."""

    def set_state(self, budget: Budget, state: Any) -> None:
        """Take blocks and axes."""
        manager = state["_mgr"]
        names, index = manager.axes
        columns = manager.columns(len(index))
        if len(columns) != len(names):
            raise ValueError(f"{len(columns)} columns with {len(names)} names")
        for column in columns:
            _count(budget, column)
        table = pd.DataFrame(dict(enumerate(columns)), index=index)
        table.columns = names
        pd.DataFrame.__init__(self, table)


class _Series(pd.Series, metaclass=SealedType):  # type: ignore[misc]
    """A series made anew from checked parts; reads and prints as one."""

    def set_state(self, budget: Budget, state: Any) -> None:
        """Take a block, an index and a name."""
        manager = state["_mgr"]
        (block,), (index,) = manager.blocks, manager.axes
        if block.array.ndim != 1 or len(block.array) != len(index):
            raise ValueError("a series whose index is not as long as it is")
        _count(budget, block.array)
        name = _label(state.get("_name", state.get("name")))
        pd.Series.__init__(self, block.array, index=index, name=name)


for _stand_in, _name in ((_DataFrame, "DataFrame"), (_Series, "Series")):
    type.__setattr__(_stand_in, "__name__", _name)


def _count(budget: Budget, column: Any) -> None:
    """Count what pandas makes of an array: a copy, and of texts and objects one for each."""
    budget.take_bytes(_OF_A_COLUMN + column.nbytes)
    if column.dtype.kind in "OSU":
        budget.take_values(len(column))
        budget.take_bytes(_OF_A_LABEL * len(column))


def _label(value: Any) -> Any:
    """A label or a name, which pandas hashes: a single value, or a tuple of such."""
    parts = value if type(value) is tuple else (value,)
    for part in parts:
        if type(part) not in _LABELS and not isinstance(part, np.generic | pd.Timestamp | _Missing):
            if part is not pd.NaT:
                raise ValueError(f"a label of type {type(part).__name__}")
        elif type(part) is tuple:
            raise ValueError("a label of tuples in tuples")
    return value


class _Missing(metaclass=SealedType):
    """What stands for `pandas.NA`, whose attributes a pickle could set."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<NA>"


def _values(budget: Budget, kind: Any, *_: Any) -> _Values:
    if kind is not _EXTENSION:
        raise ValueError("an extension array of another type")
    budget.take_bytes(_OF_A_LABEL)
    return _Values()


def _index(budget: Budget, kind: Any, parts: Any) -> pd.Index:
    if type(parts) is not dict:
        raise ValueError("an index without its content")
    budget.take_bytes(_OF_A_COLUMN)
    name = _label(parts.get("name"))
    if kind is _RANGE_INDEX:
        begin, end, step = (parts[part] for part in ("start", "stop", "step"))
        if not all(type(number) is int and abs(number) < _LONGEST for number in (begin, end, step)):
            raise ValueError("a range of what is no number of rows")
        return pd.RangeIndex(begin, end, step, name=name)
    if kind is _MULTI_INDEX:
        return _multi_index(budget, parts)
    data = parts["data"]
    array = data.array if isinstance(data, _Values) else data
    if isinstance(array, pd.RangeIndex):
        return array.rename(name)
    if not isinstance(array, np.ndarray | pd.Index) or array.ndim != 1:
        raise ValueError("an index without its content")
    _count(budget, array)
    if array.dtype.kind == "O":
        HashCheck(budget).check(array, [_label(label) for label in array])
    return pd.Index(array, name=name, copy=True, tupleize_cols=False)


def _multi_index(budget: Budget, parts: dict[str, Any]) -> pd.Index:
    """An index of several levels; that codes are places in them is checked, and nothing hashed."""
    levels, codes, names = parts["levels"], parts["codes"], parts["names"]
    if not all(type(part) in (list, tuple) for part in (levels, codes, names)) or not (
        0 < len(levels) == len(codes) == len(names)
    ):
        raise ValueError("an index of levels without their codes")
    for level, code, name in zip(levels, codes, names, strict=True):
        _label(name)
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
        budget.take_bytes(_OF_A_COLUMN + _OF_A_LABEL * len(code))
    plain = [np.asarray(code) for code in codes]
    return pd.MultiIndex(list(levels), plain, names=list(names), verify_integrity=False)


def _timestamp(budget: Budget, value: Any, freq: Any, zone: Any, resolution: Any = 10) -> Any:
    if zone is not None or type(value) is not int or type(resolution) is not int:
        raise ValueError(f"a time stamp with {type(zone).__name__}, {type(freq).__name__}")
    budget.take_bytes(_OF_A_LABEL)
    return pd.Timestamp(np.int64(value).view(f"M8[{_RESOLUTIONS[resolution]}]"))


def _named(text: str) -> Sealed:
    """Something that pickles hand over without calling it."""

    def refuse(*_: Any) -> Any:
        raise ValueError(f"a call of {text}")

    return Sealed(refuse)


_NA = _Missing()
_NEW_BLOCK = Sealed(_Block)
_EXTENSION = _named("an extension array")
_RANGE_INDEX, _MULTI_INDEX, _INDEX = (_named(f"{kind}Index") for kind in ("Range", "Multi", ""))
_BASE, _INDEXES = "pandas.core.indexes.base", "pandas.core.indexes"


@cache
def pandas_globals() -> dict[tuple[str, str], Any]:
    """What may be named, by module and name, in the spelling of pandas 1.3 and of pandas 3."""
    return {
        ("functools", "partial"): _BlockMaker,
        ("pandas", "DataFrame"): _DataFrame,
        ("pandas.core.frame", "DataFrame"): _DataFrame,
        ("pandas", "Series"): _Series,
        ("pandas.core.series", "Series"): _Series,
        ("pandas.core.internals.managers", "BlockManager"): _Manager,
        ("pandas.core.internals.managers", "SingleBlockManager"): _Manager,
        ("pandas.core.internals.blocks", "new_block"): _NEW_BLOCK,
        ("pandas._libs.internals", "_unpickle_block"): _NEW_BLOCK,
        ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"): Sealed(_values),
        ("pandas.arrays", "StringArray"): _EXTENSION,
        ("pandas.arrays", "DatetimeArray"): _EXTENSION,
        ("pandas.arrays", "TimedeltaArray"): _EXTENSION,
        ("pandas.core.arrays.datetimes", "DatetimeArray"): _EXTENSION,
        ("pandas.core.arrays.timedeltas", "TimedeltaArray"): _EXTENSION,
        ("pandas", "StringDtype"): Sealed(lambda *_: None),
        (_BASE, "_new_Index"): Sealed(_index),
        (f"{_INDEXES}.datetimes", "_new_DatetimeIndex"): Sealed(_index),
        (_BASE, "Index"): _INDEX,
        ("pandas", "Index"): _INDEX,
        ("pandas", "DatetimeIndex"): _INDEX,
        (f"{_INDEXES}.datetimes", "DatetimeIndex"): _INDEX,
        (f"{_INDEXES}.numeric", "Int64Index"): _INDEX,
        (f"{_INDEXES}.numeric", "UInt64Index"): _INDEX,
        (f"{_INDEXES}.numeric", "Float64Index"): _INDEX,
        ("pandas", "RangeIndex"): _RANGE_INDEX,
        (f"{_INDEXES}.range", "RangeIndex"): _RANGE_INDEX,
        ("pandas", "MultiIndex"): _MULTI_INDEX,
        (f"{_INDEXES}.multi", "MultiIndex"): _MULTI_INDEX,
        ("pandas._libs.tslibs.timestamps", "_unpickle_timestamp"): Sealed(_timestamp),
        ("pandas._libs.tslibs.nattype", "_nat_unpickle"): Sealed(lambda *_: pd.NaT),
        ("pandas._libs.tslibs.nattype", "__nat_unpickle"): Sealed(lambda *_: pd.NaT),
        ("pandas", "NA"): _NA,
        ("pandas._libs.missing", "NA"): _NA,
    }
