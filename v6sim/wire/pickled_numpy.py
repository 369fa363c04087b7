"""What a pickle may name of NumPy: arrays, scalars and plain types.

NumPy's own unpickling trusts the type descriptions it is given, to the point of reading pointers
out of the payload. So everything is rebuilt here from checked parts: a type is one of those of
`_PLAIN_TYPE`, its bytes are as many as its shape needs, and objects come as a list.
"""

import math
import re
from functools import cache
from typing import Any

import numpy as np

from v6sim.wire.budget import Budget
from v6sim.wire.sealed import Part, Sealed, SealedType

_PLAIN_TYPE = re.compile(r"[<>=|]?([?bBhHiIlLqQefdgFDGO]|[biufc]\d{1,2}|O8?|[SU]\d{1,9}|[mM]8)")
_MOST_DIMENSIONS, _LONGEST = 64, 2**63
_POINTER = 8
_TIME_UNIT = re.compile(r"Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as")


class _Type(Part):
    """A NumPy type as a pickle describes it, before it is known to be harmless."""

    __slots__ = ("_order", "_spec", "_unit")

    def __init__(self, _budget: Budget, spec: Any, *_: Any) -> None:
        if not isinstance(spec, str) or not _PLAIN_TYPE.fullmatch(spec):
            raise ValueError(f"arrays of type {spec!r:.60} are not read")
        self._spec, self._order, self._unit = spec, "=", ""

    def set_state(self, _budget: Budget, state: tuple[Any, ...]) -> None:
        """Take the byte order, and the unit of times."""
        _, order, *composite = state
        if any(part is not None for part in composite[:3]):
            raise ValueError("arrays of records are not read")
        if order not in ("<", ">", "=", "|"):
            raise ValueError(f"byte order {order!r:.60}")
        self._order = order
        if self._spec[-2:] in ("m8", "M8") and isinstance(state[-1], tuple):
            unit, number = state[-1][1][:2]
            text = unit.decode() if isinstance(unit, bytes) else str(unit)
            if not _TIME_UNIT.fullmatch(text) or type(number) is not int or number >= 2**31:
                raise ValueError(f"time unit {unit!r:.60}")
            self._unit = f"[{number}{text}]"

    @property
    def real(self) -> np.dtype[Any]:
        """The type itself."""
        order: Any = self._order
        return np.dtype(self._spec + self._unit).newbyteorder(order)


def _real(kind: Any) -> np.dtype[Any]:
    if not isinstance(kind, _Type):
        raise ValueError(f"a {type(kind).__name__} as the type of an array")
    return kind.real


def _check(budget: Budget, kind: np.dtype[Any], shape: Any, content: Any) -> None:
    """Make sure that an array has the content that its shape needs, and count that."""
    size = math.prod(_shape(shape))
    if kind.hasobject:
        if type(content) is not list or len(content) != size:
            raise ValueError("an array of objects without its list")
        budget.take_values(size)
        budget.take_bytes(size * _POINTER)
    elif not isinstance(content, bytes | bytearray) or len(content) != size * kind.itemsize:
        raise ValueError("an array with too few or too many bytes")
    elif size and not kind.itemsize and shape:
        raise ValueError("an array of elements without bytes")
    budget.take_bytes(64 + len(content))


def _shape(shape: Any) -> tuple[int, ...]:
    if (
        type(shape) is not tuple
        or len(shape) > _MOST_DIMENSIONS
        or not all(type(number) is int and 0 <= number < _LONGEST for number in shape)
    ):
        raise ValueError("an array with a shape that none has")
    return shape


class _Array(np.ndarray, metaclass=SealedType):
    """An array that takes its content only after a check; reads and prints as one."""

    def set_state(self, budget: Budget, state: Any) -> None:
        """Take type, shape and content."""
        _, shape, kind, fortran, content = state
        real = _real(kind)
        _check(budget, real, shape, content)
        state = (1, shape, real, bool(fortran), content)
        np.ndarray.__setstate__(self, state)


type.__setattr__(_Array, "__name__", "array")


def _reconstruct(budget: Budget, kind: Any, shape: Any, code: Any) -> _Array:  # noqa: ARG001
    if kind is not _NDARRAY or type(shape) is not tuple or shape != (0,):
        raise ValueError("an array that is not made of nothing")
    budget.take_bytes(128)
    return np.ndarray.__new__(_Array, (0,), "b")


def _from_buffer(budget: Budget, content: Any, kind: Any, shape: Any, order: Any = "C") -> Any:
    """How protocol 5 makes an array; one whose bytes come out of band is not read."""
    real = _real(kind)
    _check(budget, real, shape, content)
    flat = np.frombuffer(bytes(content), real) if content else np.empty(0, real)
    return flat.reshape(shape, order="F" if order == "F" else "C")


def _scalar(budget: Budget, kind: Any, content: Any = b"") -> Any:
    real = _real(kind)
    if real.hasobject:
        raise ValueError("a scalar that is an object")
    _check(budget, real, (), content)
    if not content:  # an empty text
        return real.type()
    return np.frombuffer(content, real)[0]


_NDARRAY = Sealed(lambda *_: None, np.ndarray)


@cache
def numpy_globals() -> dict[tuple[str, str], Any]:
    """What may be named, by module and name, in NumPy 1's spelling."""
    return {
        ("numpy", "ndarray"): _NDARRAY,
        ("numpy", "dtype"): Sealed(_Type, np.dtype),
        ("numpy.core.multiarray", "_reconstruct"): Sealed(_reconstruct),
        ("numpy.core.multiarray", "scalar"): Sealed(_scalar),
        ("numpy.core.numeric", "_frombuffer"): Sealed(_from_buffer),
    }
