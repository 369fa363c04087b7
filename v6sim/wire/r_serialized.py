"""A reader of what R's `serialize()` and `saveRDS()` write: XDR, versions 2 and 3, gzip or not.

Nothing is evaluated. Data is read; code is only stepped over where it stands beside data, as the
environment of a formula does, and ends the reading where its bytes cannot be told apart. What is
read is counted before it is made, and compressed data is decompressed only as far as it is read.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.limits import PayloadLimits, PayloadTooLarge, to_use
from v6sim.wire.r_stream import NUMBER, RStream, UnreadableR
from v6sim.wire.r_values import RVector, value_of

__all__ = ["UnreadableR", "read_r"]

_XDR = b"X\n"
_DEEPEST = 100
_HIGHEST = 2**31 - 1  # the largest integer of R
"""Items in each other: more do not fit on Python's own stack."""

_NA_INTEGER = -(2**31)
_LATIN_1, _HAS_ATTRIBUTES, _HAS_TAG = 1 << 14, 1 << 9, 1 << 10
_TEXT, _VECTOR, _PAIR = 64, 240, 80
"""Bytes that Python takes for a short text, for a vector without elements, and for a pair."""

_NULL = 254
_SINGLETONS = {
    _NULL: None, 253: "<global environment>", 252: "<unbound>", 251: "<missing argument>",
    250: "<base namespace>", 242: "<empty environment>", 241: "<base environment>",
}  # fmt: skip
_CODE = {3: "a function", 5: "a promise", 7: "a function", 8: "a function", 21: "byte code",
         22: "a pointer", 23: "a weak reference", 25: "an object of S4"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pair:
    """One cell of a pairlist."""

    tag: Any
    value: Any


@dataclass
class _Environment:
    """A place that something refers to; its content is stepped over."""

    def __str__(self) -> str:
        return "<environment>"


def read_r(data: bytes, limits: PayloadLimits | Budget | None = None) -> Any:
    """The value as plain Python: lists with names as dicts, data frames as dicts of columns.

    Vectors of length one are scalars, as R has no others; NA is None; factors are their labels.

    Args:
        data: what R wrote, compressed or not.
        limits: how large it may become, or what is left of that; None for those of what is used.

    Raises:
        UnreadableR: it is damaged, holds code, or is in another of R's forms.
        PayloadTooLarge: it goes beyond the limits; what there was is kept as `partial`.
    """
    budget = limits if isinstance(limits, Budget) else Budget(limits or to_use())
    try:
        stream = RStream(data, budget)
        _read_header(stream)
        found = _item(stream)
        stream.finish()
        return value_of(found, budget)
    except PayloadTooLarge as error:
        error.partial = _shown(error.partial, budget.limits)
        raise
    except UnreadableR:
        raise
    except Exception as error:  # damaged data fails in every way there is
        raise UnreadableR(f"no readable data of R: {error!r:.200}") from error


def _shown(partial: list[Any], limits: PayloadLimits) -> list[Any]:
    """What was read before the limit; nothing if it makes no sense by itself."""
    try:
        return [value_of(part, Budget(limits)) for part in partial]
    except Exception:
        return []


def _read_header(stream: RStream) -> None:
    if stream.take(2) != _XDR:
        raise UnreadableR("only R's binary form (XDR) is read")
    version, _writer, _reader = (stream.integer() for _ in range(3))
    if version not in (2, 3):
        raise UnreadableR(f"version {version} of R's form is not known")
    if version == 3:
        stream.take(stream.integer())


def _item(stream: RStream) -> Any:
    return _item_of(stream, stream.integer())


def _item_of(stream: RStream, flags: int) -> Any:
    stream.budget.take_values()
    stream.depth += 1
    stream.budget.check_depth(stream.depth, _DEEPEST)
    found = _read_item(stream, flags)
    stream.depth -= 1
    return found


def _read_item(stream: RStream, flags: int) -> Any:
    kind = flags & 0xFF
    if kind in _SINGLETONS:
        return _SINGLETONS[kind]
    if kind in _CODE:
        raise UnreadableR(f"it holds {_CODE[kind]}")
    reader = _READERS.get(kind)
    if reader is None:
        raise UnreadableR(f"it holds an item of type {kind}, which is not read")
    return reader(stream, flags)


def _reference(stream: RStream, flags: int) -> Any:
    return stream.known[(flags >> 8 or stream.integer()) - 1]


def _symbol(stream: RStream, _flags: int) -> str:
    name = _name(stream)
    stream.known.append(name)
    return name


def _name(stream: RStream) -> str:
    """A text, and nothing larger: later parts refer to it again and again."""
    found = _item(stream)
    if not isinstance(found, str):
        raise UnreadableR("it has a name that is no text")
    return found


def _environment(stream: RStream, _flags: int) -> Any:
    made = _Environment()
    stream.known.append(made)
    stream.integer()
    for _ in range(4):  # what it is in, its variables in two forms, its attributes
        _item(stream)
    return made


def _namespace(stream: RStream, _flags: int) -> Any:
    stream.integer()
    names = [_name(stream) for _ in range(_length(stream))]
    stream.known.append(f"<namespace {names[0]:.100}>")
    return stream.known[-1]


def _pairs(stream: RStream, flags: int) -> list[_Pair]:
    """A pairlist, read in a loop as it may be long."""
    pairs: list[_Pair] = []
    while flags & 0xFF in (2, 6):
        if flags & _HAS_ATTRIBUTES:
            _item(stream)
        tag = _item(stream) if flags & _HAS_TAG else None
        stream.budget.take_bytes(_PAIR)
        pairs.append(_Pair(tag, _item(stream)))
        flags = stream.integer()
    if flags & 0xFF != _NULL:
        pairs.append(_Pair(None, _item_of(stream, flags)))
    return pairs


def _pairlist(stream: RStream, flags: int) -> RVector:
    pairs = _pairs(stream, flags)
    names = [pair.tag if isinstance(pair.tag, str) else "" for pair in pairs]
    attributes = {"names": RVector(names)} if any(names) else {}
    return RVector([pair.value for pair in pairs], attributes, is_list=True)


def _call(stream: RStream, flags: int) -> str:
    _pairs(stream, flags)
    return "<call>"


def _characters(stream: RStream, flags: int) -> str | None:
    length = stream.integer()
    if length == -1:
        return None
    stream.budget.take_bytes(_TEXT + length)
    return stream.take(length).decode("latin-1" if flags & _LATIN_1 else "utf-8", "replace")


def _length(stream: RStream) -> int:
    length = stream.integer()
    if length < 0 or length > stream.most_left:
        raise UnreadableR(f"a vector of {length} elements in fewer bytes")
    return length


def _integers(stream: RStream) -> list[Any]:
    return stream.numbers("i", _length(stream), lambda number: number == _NA_INTEGER)


def _logicals(stream: RStream) -> list[Any]:
    return [None if number is None else bool(number) for number in _integers(stream)]


def _reals(stream: RStream) -> list[Any]:
    return stream.numbers("d", _length(stream), lambda number: number != number)


def _complexes(stream: RStream) -> list[Any]:
    parts = stream.numbers("d", 2 * _length(stream), lambda _: False)
    stream.budget.take_bytes(NUMBER // 2 * len(parts))
    return [complex(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]


def _items(stream: RStream) -> list[Any]:
    items: list[Any] = []
    try:
        for _ in range(_length(stream)):
            items.append(_item(stream))  # noqa: PERF401 - what was read is wanted if it stops
    except PayloadTooLarge as error:
        error.partial = [RVector([*items, *error.partial], is_list=True)]
        raise
    return items


def _raw(stream: RStream) -> bytes:
    length = _length(stream)
    stream.budget.take_bytes(length)
    return stream.take(length)


def _vector(read: Callable[[RStream], Sequence[Any]], *, is_list: bool = False) -> Any:
    def reader(stream: RStream, flags: int) -> RVector:
        stream.budget.take_bytes(_VECTOR)
        elements = read(stream)
        found = _item(stream) if flags & _HAS_ATTRIBUTES else None
        return RVector(elements, _attributes(found), is_list=is_list)

    return reader


def _attributes(found: Any) -> dict[str, Any]:
    if found is None:
        return {}
    return dict(zip(found.names, found.elements, strict=True))


def _compact(stream: RStream, _flags: int) -> RVector:
    """A vector in one of R's short forms, such as 1:1000 (ALTREP)."""
    form, state, attributes = _item(stream).elements[0], _item(stream), _item(stream)
    elements: Sequence[Any]
    match form:
        case "compact_intseq" | "compact_realseq":
            count, first, step = map(float, state.elements)
            if not 0 <= count < math.inf:
                raise UnreadableR(f"a sequence of {count} numbers")
            last = first + (count - 1) * step
            if form == "compact_intseq" and not max(abs(first), abs(last)) <= _HIGHEST:
                raise UnreadableR(f"integers from {first} to {last}, which R has not")
            stream.budget.foresee_values(int(count), NUMBER)
            stream.budget.take_values(int(count))
            stream.budget.take_bytes(NUMBER * int(count))
            plain = int if form == "compact_intseq" else float
            elements = [plain(first + number * step) for number in range(int(count))]
        case "deferred_string":
            numbers = state.elements[0].elements
            stream.budget.foresee_values(len(numbers), _TEXT)
            stream.budget.take_values(len(numbers))
            stream.budget.take_bytes(_TEXT * len(numbers))
            elements = [_deferred(element) for element in numbers]
        case str() if form.startswith("wrap_"):
            elements = state.elements[0].elements
        case _:
            raise UnreadableR(f"a vector in the form {form}")
    return RVector(elements, _attributes(attributes), is_list=False)


def _deferred(number: Any) -> str | None:
    return None if number is None else f"{number:.15g}"


_READERS: dict[int, Callable[[RStream, int], Any]] = {
    1: _symbol, 2: _pairlist, 4: _environment, 6: _call, 9: _characters,
    10: _vector(_logicals), 13: _vector(_integers), 14: _vector(_reals), 15: _vector(_complexes),
    16: _vector(_items), 19: _vector(_items, is_list=True), 20: _vector(_items, is_list=True),
    24: _vector(_raw), 238: _compact, 249: _namespace,
    255: _reference,
}  # fmt: skip
