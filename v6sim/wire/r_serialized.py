"""A reader of what R's `serialize()` and `saveRDS()` write: XDR, versions 2 and 3, gzip or not.

Nothing is evaluated. Data is read; code is only stepped over where it stands beside data, as the
environment of a formula does, and ends the reading where its bytes cannot be told apart.
"""

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from v6sim.wire.r_values import RVector, value_of

_GZIP, _XDR = b"\x1f\x8b", b"X\n"
_MOST = 2**28  # bytes that a compressed payload may become
_MOST_IN_SHORT = 10**6  # numbers that sequences in a short form may stand for, all together
_NA_INTEGER = -(2**31)
_LATIN_1, _HAS_ATTRIBUTES, _HAS_TAG = 1 << 14, 1 << 9, 1 << 10
_NULL = 254
_SINGLETONS = {
    _NULL: None, 253: "<global environment>", 252: "<unbound>", 251: "<missing argument>",
    250: "<base namespace>", 242: "<empty environment>", 241: "<base environment>",
}  # fmt: skip
_CODE = {3: "a function", 5: "a promise", 7: "a function", 8: "a function", 21: "byte code",
         22: "a pointer", 23: "a weak reference", 25: "an object of S4"}  # fmt: skip


class UnreadableR(ValueError):
    """Something of R that is damaged, or no data."""


@dataclass(frozen=True)
class _Pair:
    """One cell of a pairlist."""

    tag: Any
    value: Any


@dataclass
class _Environment:
    """A place that something refers to; its content is stepped over."""

    def __str__(self) -> str:
        return "<environment>"


@dataclass
class _Stream:
    """Numbers and bytes, one after the other."""

    data: bytes
    at: int = 0
    known: list[Any] = field(default_factory=list)
    """What later parts may refer to."""
    in_short: int = 0
    """Numbers that sequences in a short form have stood for."""

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise UnreadableR("it ends too early")
        self.at, start = end, self.at
        return self.data[start:end]

    def integer(self) -> int:
        """The next integer."""
        return int.from_bytes(self.take(4), "big", signed=True)

    def numbers(self, code: Literal["i", "d"], count: int) -> tuple[Any, ...]:
        """The next so many integers or doubles."""
        return struct.unpack(f">{count}{code}", self.take(count * struct.calcsize(f">{code}")))


def read_r(data: bytes) -> Any:
    """The value as plain Python: lists with names as dicts, data frames as dicts of columns.

    Vectors of length one are scalars, as R has no others; NA is None; factors are their labels.

    Raises:
        UnreadableR: it is damaged, holds code, or is in another of R's forms.
    """
    try:
        stream = _Stream(_unpacked(data))
        _read_header(stream)
        return value_of(_item(stream))
    except UnreadableR:
        raise
    except Exception as error:  # damaged data fails in every way there is
        raise UnreadableR(f"no readable data of R: {error!r}") from error


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        opener = zlib.decompressobj(wbits=31)
        content = opener.decompress(data, _MOST)
    except zlib.error as error:
        raise UnreadableR(f"it is not gzip, though it begins so: {error}") from error
    if not opener.eof:
        raise UnreadableR(f"it is cut short, or larger than {_MOST} bytes")
    return content


def _read_header(stream: _Stream) -> None:
    if stream.take(2) != _XDR:
        raise UnreadableR("only R's binary form (XDR) is read")
    version, _writer, _reader = stream.numbers("i", 3)
    if version not in (2, 3):
        raise UnreadableR(f"version {version} of R's form is not known")
    if version == 3:
        stream.take(stream.integer())


def _item(stream: _Stream) -> Any:
    return _item_of(stream, stream.integer())


def _item_of(stream: _Stream, flags: int) -> Any:
    kind = flags & 0xFF
    if kind in _SINGLETONS:
        return _SINGLETONS[kind]
    if kind in _CODE:
        raise UnreadableR(f"it holds {_CODE[kind]}")
    reader = _READERS.get(kind)
    if reader is None:
        raise UnreadableR(f"it holds an item of type {kind}, which is not read")
    return reader(stream, flags)


def _reference(stream: _Stream, flags: int) -> Any:
    return stream.known[(flags >> 8 or stream.integer()) - 1]


def _symbol(stream: _Stream, _flags: int) -> Any:
    name = _item(stream)
    stream.known.append(name)
    return name


def _environment(stream: _Stream, _flags: int) -> Any:
    made = _Environment()
    stream.known.append(made)
    stream.integer()
    for _ in range(4):  # what it is in, its variables in two forms, its attributes
        _item(stream)
    return made


def _namespace(stream: _Stream, _flags: int) -> Any:
    stream.integer()
    names = [_item(stream) for _ in range(_length(stream))]
    stream.known.append(f"<namespace {names[0]}>")
    return stream.known[-1]


def _pairs(stream: _Stream, flags: int) -> list[_Pair]:
    """A pairlist, read in a loop as it may be long."""
    pairs: list[_Pair] = []
    while flags & 0xFF in (2, 6):
        if flags & _HAS_ATTRIBUTES:
            _item(stream)
        tag = _item(stream) if flags & _HAS_TAG else None
        pairs.append(_Pair(tag, _item(stream)))
        flags = stream.integer()
    if flags & 0xFF != _NULL:
        pairs.append(_Pair(None, _item_of(stream, flags)))
    return pairs


def _pairlist(stream: _Stream, flags: int) -> RVector:
    pairs = _pairs(stream, flags)
    names = [pair.tag or "" for pair in pairs]
    attributes = {"names": RVector(names)} if any(names) else {}
    return RVector([pair.value for pair in pairs], attributes, is_list=True)


def _call(stream: _Stream, flags: int) -> str:
    _pairs(stream, flags)
    return "<call>"


def _characters(stream: _Stream, flags: int) -> str | None:
    length = stream.integer()
    if length == -1:
        return None
    return stream.take(length).decode("latin-1" if flags & _LATIN_1 else "utf-8", "replace")


def _length(stream: _Stream) -> int:
    length = stream.integer()
    if not 0 <= length <= len(stream.data) - stream.at:
        raise UnreadableR(f"a vector of {length} elements in fewer bytes")
    return length


def _integers(stream: _Stream) -> list[Any]:
    numbers = stream.numbers("i", _length(stream))
    return [None if number == _NA_INTEGER else number for number in numbers]


def _logicals(stream: _Stream) -> list[Any]:
    return [None if number is None else bool(number) for number in _integers(stream)]


def _reals(stream: _Stream) -> list[Any]:
    return [None if number != number else number for number in stream.numbers("d", _length(stream))]


def _complexes(stream: _Stream) -> list[Any]:
    parts = stream.numbers("d", 2 * _length(stream))
    return [complex(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]


def _items(stream: _Stream) -> list[Any]:
    return [_item(stream) for _ in range(_length(stream))]


def _vector(read: Callable[[_Stream], Sequence[Any]], *, is_list: bool = False) -> Any:
    def reader(stream: _Stream, flags: int) -> RVector:
        elements = read(stream)
        found = _item(stream) if flags & _HAS_ATTRIBUTES else None
        return RVector(elements, _attributes(found), is_list=is_list)

    return reader


def _attributes(found: Any) -> dict[str, Any]:
    if found is None:
        return {}
    return dict(zip(found.names, found.elements, strict=True))


def _compact(stream: _Stream, _flags: int) -> RVector:
    """A vector in one of R's short forms, such as 1:1000 (ALTREP)."""
    form, state, attributes = _item(stream).elements[0], _item(stream), _item(stream)
    elements: Sequence[Any]
    match form:
        case "compact_intseq" | "compact_realseq":
            count, first, step = state.elements
            stream.in_short += int(count)
            if count < 0 or stream.in_short > _MOST_IN_SHORT:
                raise UnreadableR(f"a sequence of {count} numbers")
            plain = int if form == "compact_intseq" else float
            elements = [plain(first + number * step) for number in range(int(count))]
        case "deferred_string":
            elements = [_deferred(element) for element in state.elements[0].elements]
        case str() if form.startswith("wrap_"):
            elements = state.elements[0].elements
        case _:
            raise UnreadableR(f"a vector in the form {form}")
    return RVector(elements, _attributes(attributes), is_list=False)


def _deferred(number: Any) -> str | None:
    return None if number is None else f"{number:.15g}"


_READERS: dict[int, Callable[[_Stream, int], Any]] = {
    1: _symbol, 2: _pairlist, 4: _environment, 6: _call, 9: _characters,
    10: _vector(_logicals), 13: _vector(_integers), 14: _vector(_reals), 15: _vector(_complexes),
    16: _vector(_items), 19: _vector(_items, is_list=True), 20: _vector(_items, is_list=True),
    24: _vector(lambda stream: stream.take(_length(stream))), 238: _compact, 249: _namespace,
    255: _reference,
}  # fmt: skip
