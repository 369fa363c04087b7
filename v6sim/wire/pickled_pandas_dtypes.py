"""What a pickle may name of the types of pandas' arrays: they are only collected."""

from typing import Any, Self

from v6sim.wire.budget import Budget
from v6sim.wire.sealed import Part, SealedType, Unsupported

_SIZE = 500


class Dtype(Part, metaclass=SealedType):
    """The type of an array, as a pickle describes it."""

    needs_state = False
    args: tuple[Any, ...] = ()
    parts: dict[Any, Any] = {}  # noqa: RUF012 - it is never filled

    @classmethod
    def from_pickle(cls, budget: Budget, *args: Any) -> Self:
        """Return one, made of arguments."""
        budget.take_bytes(_SIZE)
        made = cls()
        made.args = args
        return made

    def set_state(self, _budget: Budget, state: Any) -> None:
        """Take what it consists of."""
        if type(state) is not dict:
            raise Unsupported("a type that is not made of parts by their names")
        self.parts = state

    def describe(self) -> dict[str, Any]:
        """Return what it consists of."""
        return {name: part for name, part in self.parts.items() if type(name) is str}


def _dtype(name: str, module: str) -> Any:
    return SealedType(name, (Dtype,), {"stands_for": (name, module)})


_NUMBER_TYPES = (
    *(("integer", f"{sign}Int{bits}Dtype") for sign in ("", "U") for bits in (8, 16, 32, 64)),
    *(("floating", f"Float{bits}Dtype") for bits in (32, 64)),
    ("boolean", "BooleanDtype"), ("string_", "StringDtype"),
)  # fmt: skip
_TYPES = "CategoricalDtype", "DatetimeTZDtype", "IntervalDtype", "PeriodDtype", "SparseDtype"
_DTYPES = "pandas.core.dtypes.dtypes"
_CORE = "pandas.core.arrays"

DTYPES: dict[tuple[str, str], Any] = {
    **{
        key: made
        for home, name in _NUMBER_TYPES
        for made in [_dtype(name, "pandas")]
        for key in (("pandas", name), (f"{_CORE}.{home}", name))
    },
    **{
        key: made
        for name in _TYPES
        for made in [_dtype(name, "pandas")]
        for key in (("pandas", name), (_DTYPES, name), (f"{_CORE}.sparse.dtype", name))
    },
    (_DTYPES, "PandasDtype"): _dtype("PandasDtype", _DTYPES),
    (_DTYPES, "NumpyEADtype"): _dtype("NumpyEADtype", _DTYPES),
}
