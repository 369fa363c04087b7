"""What a pickle may name of pandas: tables and series, and what these are made of.

Read are the layouts that pandas 1.3 to 3 write. Blocks and managers, pandas' inner parts, are only
collected by stand-ins; the table is then made anew by the public constructors.
"""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire.budget import Budget
from v6sim.wire.pickled_pandas_arrays import ARRAYS, Rows, count
from v6sim.wire.pickled_pandas_indexes import INDEXES
from v6sim.wire.pickled_pandas_scalars import SCALARS, checked_label
from v6sim.wire.sealed import Part, Sealed, SealedType, Unsupported

_OF_A_COLUMN = 2_000
"""Bytes that a column takes beside its content."""


class _Block(Part, metaclass=SealedType):
    """Some columns of one type: their content and their places in the table."""

    stands_for = ("Block", "pandas")

    def __init__(self, budget: Budget, values: Any, places: Any, ndim: Any = 2) -> None:
        super().__init__()
        if ndim not in (1, 2) or not isinstance(values, _CONTENTS):
            raise ValueError("a block without its content")
        if not isinstance(values, Rows) and values.ndim not in (1, 2):
            raise ValueError("a block without its content")
        self.values = np.asarray(values) if isinstance(values, np.ndarray) else values
        self.places = _places(budget, places)

    def describe(self) -> dict[str, Any]:
        """Return its content, and the places of its columns."""
        return {"values": self.values, "places": list(self.places)}

    @property
    def rows(self) -> Any:
        """The content of each column; several come as rows of one array."""
        if isinstance(self.values, Rows):
            return self.values.arrays
        return self.values if self.values.ndim == 2 else [self.values]

    def columns(self) -> dict[int, Any]:
        """Each column's content by its place."""
        return dict(zip(self.places, self.rows, strict=True))


_CONTENTS = (np.ndarray, pd.api.extensions.ExtensionArray, Rows)


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

    stands_for = ("partial", "functools")

    @classmethod
    def from_pickle(cls, _budget: Budget, function: Any, *_: Any) -> "_BlockMaker":
        """Return one that makes blocks."""
        if function is not _NEW_BLOCK:
            raise Unsupported("a partial of something else than a block")
        return cls()

    def set_state(self, _budget: Budget, state: Any) -> None:
        """There is nothing to keep: the arguments are those of every block."""

    def call_with(self, budget: Budget, values: Any, places: Any) -> _Block:
        """Return a block."""
        return _Block(budget, values, places)


class _Manager(Part, metaclass=SealedType):
    """The blocks and axes of a table or a series."""

    stands_for = ("BlockManager", "pandas")
    blocks: Any = ()
    axes: Any = ()

    def describe(self) -> dict[str, Any]:
        """Return its blocks and axes."""
        return {"blocks": list(self.blocks), "axes": list(self.axes)}

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
            count(budget, column)
        table = pd.DataFrame(dict(enumerate(columns)), index=index)
        table.columns = names
        pd.DataFrame.__init__(self, table)


class _Series(pd.Series, metaclass=SealedType):  # type: ignore[misc]
    """A series made anew from checked parts; reads and prints as one."""

    def set_state(self, budget: Budget, state: Any) -> None:
        """Take a block, an index and a name."""
        manager = state["_mgr"]
        (block,), (index,) = manager.blocks, manager.axes
        [array] = block.rows
        if len(array) != len(index):
            raise ValueError("a series whose index is not as long as it is")
        count(budget, array)
        name = checked_label(state.get("_name", state.get("name")))
        pd.Series.__init__(self, array, index=index, name=name)


for _stand_in, _name in ((_DataFrame, "DataFrame"), (_Series, "Series")):
    type.__setattr__(_stand_in, "__name__", _name)


_NEW_BLOCK = Sealed(_Block)
_MANAGERS = "pandas.core.internals.managers"


@cache
def pandas_globals() -> dict[tuple[str, str], Any]:
    """What may be named, by module and name, in the spelling of pandas 1.3 and of pandas 3."""
    return {
        **SCALARS,
        **ARRAYS,
        **INDEXES,
        ("functools", "partial"): _BlockMaker,
        ("pandas", "DataFrame"): _DataFrame,
        ("pandas.core.frame", "DataFrame"): _DataFrame,
        ("pandas", "Series"): _Series,
        ("pandas.core.series", "Series"): _Series,
        (_MANAGERS, "BlockManager"): _Manager,
        (_MANAGERS, "SingleBlockManager"): _Manager,
        ("pandas.core.internals.blocks", "new_block"): _NEW_BLOCK,
        ("pandas._libs.internals", "_unpickle_block"): _NEW_BLOCK,
    }
