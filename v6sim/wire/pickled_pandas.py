"""What a pickle may name of pandas: tables, series and indexes whose columns are plain.

Read are the layouts that pandas 1.3 to 3 write. Blocks and managers, pandas' inner parts, are only
collected by stand-ins; the table is then made anew by the public constructors. Categories, time
zones, intervals and the other extension types are not read.
"""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire.sealed import Sealed, SealedType

_RESOLUTIONS = {7: "s", 8: "ms", 9: "us", 10: "ns"}


class _Values(metaclass=SealedType):
    """The content of an extension array that is a plain array inside: texts or times."""

    array: Any = None

    def __setstate__(self, state: Any) -> None:
        arrays = [part for part in state if isinstance(part, np.ndarray)]
        if len(arrays) != 1:
            raise ValueError("an extension array without its content")
        object.__setattr__(self, "array", arrays[0])


class _Block(metaclass=SealedType):
    """Some columns of one type: their content and their places in the table."""

    def __init__(self, values: Any, places: Any, ndim: Any = 2) -> None:
        array = values.array if isinstance(values, _Values) else values
        if not isinstance(array, np.ndarray) or array.ndim > 2 or ndim not in (1, 2):
            raise ValueError("a block without its content")
        self.array = np.asarray(array)
        self.places = _places(places)

    def columns(self) -> dict[int, Any]:
        """Each column's content by its place; times may come as a single column."""
        rows = self.array if self.array.ndim == 2 else self.array[None, :]
        return dict(zip(self.places, rows, strict=True))


def _places(places: Any) -> range | list[int]:
    if isinstance(places, slice):
        return range(places.start, places.stop, places.step or 1)
    return [int(place) for place in np.asarray(places)]


class _BlockMaker(metaclass=SealedType):
    """What stands for `functools.partial`, with which pandas 1.3 writes its blocks."""

    def __init__(self, function: Any) -> None:
        if function is not _NEW_BLOCK:
            raise ValueError(f"a partial of {function!r}")

    def __setstate__(self, state: Any) -> None:
        """There is nothing to keep: the arguments are those of every block."""

    def __call__(self, values: Any, places: Any) -> _Block:
        return _Block(values, places)


class _Manager(metaclass=SealedType):
    """The blocks and axes of a table or a series."""

    def __init__(self, blocks: Any = (), axes: Any = ()) -> None:
        self.blocks, self.axes = list(blocks), list(axes)

    def __setstate__(self, state: Any) -> None:
        parts = state[3]["0.14.1"]
        self.axes = list(parts["axes"])
        self.blocks = [_Block(block["values"], block["mgr_locs"]) for block in parts["blocks"]]

    def columns(self) -> list[Any]:
        """The content of all columns, in the order of the table."""
        if not all(isinstance(axis, pd.Index) for axis in self.axes):
            raise ValueError("a table without axes")
        found: dict[int, Any] = {}
        for block in self.blocks:
            found.update(block.columns())
        return [found[place] for place in sorted(found)]


class _DataFrame(pd.DataFrame, metaclass=SealedType):  # type: ignore[misc]
    """A table made anew from checked parts; reads and prints as one."""

    def __setstate__(self, state: Any) -> None:
        manager = state["_mgr"]
        names, index = manager.axes
        table = pd.DataFrame(dict(enumerate(manager.columns())), index=index)
        table.columns = names
        pd.DataFrame.__init__(self, table)


class _Series(pd.Series, metaclass=SealedType):  # type: ignore[misc]
    """A series made anew from checked parts; reads and prints as one."""

    def __setstate__(self, state: Any) -> None:
        manager = state["_mgr"]
        (block,), (index,) = manager.blocks, manager.axes
        name = state.get("_name", state.get("name"))
        pd.Series.__init__(self, block.array, index=index, name=name)


for _stand_in, _name in ((_DataFrame, "DataFrame"), (_Series, "Series")):
    type.__setattr__(_stand_in, "__name__", _name)


class _Missing(metaclass=SealedType):
    """What stands for `pandas.NA`, whose attributes a pickle could set."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<NA>"


def _values(kind: Any, *_: Any) -> _Values:
    if kind is not _EXTENSION:
        raise ValueError(f"an extension array of type {kind!r}")
    return _Values()


def _index(kind: Any, parts: Any) -> pd.Index:
    name = parts.get("name")
    if kind is _RANGE_INDEX:
        return pd.RangeIndex(parts["start"], parts["stop"], parts["step"], name=name)
    if kind is _MULTI_INDEX:
        return pd.MultiIndex(parts["levels"], parts["codes"], names=parts["names"])
    data = parts["data"]
    array = data.array if isinstance(data, _Values) else data
    if not isinstance(array, np.ndarray | pd.Index):
        raise ValueError("an index without its content")
    return pd.Index(array, name=name, copy=True)


def _timestamp(value: Any, freq: Any, zone: Any, resolution: Any = 10) -> Any:
    if zone is not None or not isinstance(value, int):
        raise ValueError(f"a time stamp with {zone!r}, {freq!r}")
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
