"""What a pickle may name of pandas' sparse arrays: all of their places are counted."""

from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire.budget import Budget
from v6sim.wire.pickled_pandas_dtypes import Dtype
from v6sim.wire.pickled_pandas_scalars import checked_label
from v6sim.wire.sealed import Part, Sealed, SealedType, Unsupported

_SIZE = 500


class _Places(Part, metaclass=SealedType):
    """Where the values of a sparse array stand.

    Args:
        length: how many places there are.
        places: those that have a value.
    """

    stands_for = ("SparseIndex", "pandas")

    def __init__(self, length: int, places: Any) -> None:
        super().__init__()
        self.length, self.places = length, places

    def describe(self) -> dict[str, Any]:
        """Return how many there are, and where."""
        return {"length": self.length, "indices": self.places}


def _places(budget: Budget, length: Any, places: Any) -> _Places:
    if type(length) is not int or length < 0 or not _are_numbers(places):
        raise ValueError("a sparse array without its places")
    if len(places) and not 0 <= places.min() <= places.max() < length:
        raise ValueError("places outside a sparse array")
    budget.take_bytes(_SIZE + places.nbytes)
    return _Places(length, np.asarray(places, dtype=np.int64))


def _places_of_blocks(budget: Budget, length: Any, begins: Any, lengths: Any) -> _Places:
    if not _are_numbers(begins) or not _are_numbers(lengths) or len(begins) != len(lengths):
        raise ValueError("a sparse array without its places")
    if type(length) is not int or not (lengths > 0).all() or lengths.astype(float).sum() > length:
        raise ValueError("places outside a sparse array")
    budget.take_values(int(lengths.sum()))
    runs = [np.arange(begin, begin + size) for begin, size in zip(begins, lengths, strict=True)]
    return _places(budget, length, np.concatenate(runs) if runs else np.empty(0, np.int64))


def _are_numbers(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.ndim == 1 and array.dtype.kind == "i"


class _Sparse(Part, metaclass=SealedType):
    """An array of which most is one value."""

    stands_for = ("SparseArray", "pandas")

    def set_state(self, budget: Budget, state: Any) -> Any:
        """Return the array, all of whose values are counted."""
        values, places, dtype = state["_sparse_values"], state["_sparse_index"], state["_dtype"]
        if not isinstance(places, _Places) or not isinstance(dtype, Dtype):
            raise ValueError("a sparse array without its places")
        if (
            not isinstance(values, np.ndarray)
            or values.ndim != 1
            or values.dtype.kind not in "iufb"
        ):
            raise Unsupported("a sparse array of what is no number")
        if len(values) != len(places.places):
            raise ValueError("a sparse array without its values")
        budget.take_values(places.length)
        budget.take_bytes(_SIZE + 2 * places.length * values.itemsize)
        filling = checked_label(dtype.parts.get("_fill_value", np.nan))
        whole = np.full(places.length, filling, values.dtype)
        whole[places.places] = values
        return pd.arrays.SparseArray(whole, fill_value=filling)


SPARSE: dict[tuple[str, str], Any] = {
    ("pandas._libs.sparse", "IntIndex"): Sealed(_places),
    ("pandas._libs.sparse", "BlockIndex"): Sealed(_places_of_blocks),
    ("pandas.arrays", "SparseArray"): _Sparse,
    ("pandas.core.arrays.sparse.array", "SparseArray"): _Sparse,
}
