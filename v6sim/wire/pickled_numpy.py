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
from v6sim.wire.sealed import Part, Sealed, SealedType, Unsupported

_PLAIN_TYPE = re.compile(r"[<>=|]?([?bBhHiIlLqQefdgFDGO]|[biufc]\d{1,2}|O8?|[SUV]\d{1,9}|[mM]8)")
_MOST_DIMENSIONS, _LONGEST = 64, 2**63
_POINTER = 8
_MOST_FIELDS = 1_000
"""Plain types of which one consists, those in fields of fields included."""

_TIME_UNIT = re.compile(r"Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as|generic")


class _Type(Part, metaclass=SealedType):
    """A NumPy type as a pickle describes it, before it is known to be harmless."""

    __slots__ = ("_inner", "_order", "_spec", "_unit", "count")
    stands_for = ("dtype", "numpy")

    def __init__(self, _budget: Budget, spec: Any, *_: Any) -> None:
        spec = "V1" if spec is _RECORD else spec
        if not isinstance(spec, str) or not _PLAIN_TYPE.fullmatch(spec):
            raise Unsupported(f"arrays of type {spec!r:.60} are not read")
        self._spec, self._order, self._unit = spec, "=", ""
        self._inner: np.dtype[Any] | None = None
        self.count = 1
        """How many plain types it consists of."""

    def set_state(self, budget: Budget, state: tuple[Any, ...]) -> None:
        """Take the byte order, the unit of times, and what a type consists of."""
        _, order, part, names, fields, size, *_ = state
        if order not in ("<", ">", "=", "|"):
            raise ValueError(f"byte order {order!r:.60}")
        self._order = order
        if part is not None:
            self._take_part(*part)
        elif names is not None or fields is not None:
            self._take_fields(budget, names, fields, size)
        if self._spec[-2:] in ("m8", "M8") and isinstance(state[-1], tuple):
            unit, number = state[-1][1][:2]
            text = unit.decode() if isinstance(unit, bytes) else str(unit)
            if not _TIME_UNIT.fullmatch(text) or type(number) is not int or number >= 2**31:
                raise ValueError(f"time unit {unit!r:.60}")
            self._unit = "" if text == "generic" else f"[{number}{text}]"

    def _take_part(self, base: Any, shape: Any) -> None:
        """Take what a type of small arrays consists of."""
        real = _plain_part(base)
        shape = shape if type(shape) is tuple else (shape,)
        if not 0 < math.prod(_shape(shape)) <= _MOST_FIELDS:
            raise Unsupported("arrays in arrays, as many as these or none, are not read")
        self._inner = np.dtype((real, shape))
        self._count(base.count * math.prod(shape))

    def _take_fields(self, budget: Budget, names: Any, fields: Any, size: Any) -> None:
        """Take the fields of a record, none of which may lie over another one."""
        if type(names) is not tuple or type(fields) is not dict or type(size) is not int:
            raise ValueError("records without their fields")
        budget.take_values(len(names))
        if len(names) > _MOST_FIELDS:
            raise Unsupported(f"records of more than {_MOST_FIELDS:,} fields are not read")
        kinds, offsets = [fields[name][0] for name in names], [fields[name][1] for name in names]
        formats = [_plain_part(kind) for kind in kinds]
        if not all(type(part) is str for part in names) or not all(
            type(offset) is int and 0 <= offset <= size for offset in offsets
        ):
            raise ValueError("records whose fields have no places")
        end = 0
        for offset, real in sorted(zip(offsets, formats, strict=True), key=lambda pair: pair[0]):
            if offset < end:
                raise Unsupported("records whose fields lie over each other are not read")
            end = offset + real.itemsize
        self._count(sum(kind.count for kind in kinds))
        self._inner = np.dtype(
            {"names": list(names), "formats": formats, "offsets": offsets, "itemsize": size}
        )

    def _count(self, count: int) -> None:
        if count > _MOST_FIELDS:
            raise Unsupported(f"records of more than {_MOST_FIELDS:,} fields are not read")
        self.count = count

    def describe(self) -> dict[str, Any]:
        """Return its name."""
        return {"name": str(self.real)}

    @property
    def real(self) -> np.dtype[Any]:
        """The type itself."""
        if self._inner is not None:
            return self._inner
        order: Any = self._order
        return np.dtype(self._spec + self._unit).newbyteorder(order)


def _plain_part(kind: Any) -> np.dtype[Any]:
    """The type of a field, which is read if it is made of bytes alone."""
    real = _real(kind)
    if real.hasobject:
        raise Unsupported("arrays of records with objects are not read")
    if not real.itemsize:
        raise Unsupported("arrays of records with fields without bytes are not read")
    return real


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


class _Masked(np.ma.MaskedArray[Any, Any], metaclass=SealedType):
    """A masked array that takes its content only after a check."""

    def set_state(self, budget: Budget, state: Any) -> None:
        """Take type, shape, content, mask and what stands for what is masked."""
        _, shape, kind, fortran, content, mask, filling = state
        real = _real(kind)
        if real.hasobject:
            raise Unsupported("masked arrays of objects are not read")
        _check(budget, real, shape, content)
        _check(budget, np.ma.make_mask_descr(real), shape, mask)
        if not isinstance(filling, _FILLINGS):
            filling = None
        state = (1, shape, real, bool(fortran), content, mask, filling)
        np.ma.MaskedArray.__setstate__(self, state)


_FILLINGS = (int, float, complex, str, bytes, np.generic)


def _masked(budget: Budget, kind: Any, base: Any, shape: Any, code: Any) -> _Masked:  # noqa: ARG001
    if kind is not _MASKED or base is not _NDARRAY or type(shape) is not tuple or shape != (0,):
        raise Unsupported("a masked array of another type")
    budget.take_bytes(512)
    return _Masked(np.empty((0,), "b"), mask=np.empty((0,), bool))


def _reconstruct(budget: Budget, kind: Any, shape: Any, code: Any) -> _Array:  # noqa: ARG001
    if kind not in _ARRAYS:
        raise Unsupported("an array of a type of its own")
    if type(shape) is not tuple or shape != (0,):
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
_RECORDS, _MATRIX, _MASKED, _RECORD = (Sealed(lambda *_: None) for _ in range(4))
_ARRAYS = (_NDARRAY, _RECORDS, _MATRIX)
"""What is read as an array; the types that NumPy derives from it add nothing to its content."""


@cache
def numpy_globals() -> dict[tuple[str, str], Any]:
    """What may be named, by module and name, in NumPy 1's spelling."""
    return {
        ("numpy", "ndarray"): _NDARRAY,
        ("numpy", "recarray"): _RECORDS,
        ("numpy.rec", "recarray"): _RECORDS,
        ("numpy", "matrix"): _MATRIX,
        ("numpy", "record"): _RECORD,
        ("numpy", "dtype"): Sealed(_Type, np.dtype),
        ("numpy.core.multiarray", "_reconstruct"): Sealed(_reconstruct),
        ("numpy.core.multiarray", "scalar"): Sealed(_scalar),
        ("numpy.core.numeric", "_frombuffer"): Sealed(_from_buffer),
        ("numpy.ma", "MaskedArray"): _MASKED,
        ("numpy.ma.core", "MaskedArray"): _MASKED,
        ("numpy.ma.core", "_mareconstruct"): Sealed(_masked),
        ("numpy.ma.core", "MaskedConstant"): Sealed(lambda _: np.ma.masked),
    }
