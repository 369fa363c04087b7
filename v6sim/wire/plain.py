"""Values as JSON can hold them, whole."""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import isfinite, prod
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import Kind, is_opaque, items_of, kind_of, pairs_of, single
from v6sim.wire.expansion import BITS_OF_A_DIGIT, expand
from v6sim.wire.key_names import has_foreign, have_one_name, size_of_text, written
from v6sim.wire.limits import PayloadLimits, to_use
from v6sim.wire.text_styles import name_of

_ROWS, _AS_THEY_ARE = (list, tuple), {str, int, float, bool, type(None)}
_BITS = 64
_OF_A_CONTAINER, _OF_A_NUMBER, _OF_A_TEXT, _OF_A_SLOT, _OF_A_BYTE = 72, 32, 64, 8, 4
"""Bytes that Python takes, each number and text with its place in a list."""

_SMALL, _FEW, _SHORT = 2**63, 16, 500
"""Integers, parts of tuples and bytes of parts that cannot make a name long."""

_IN_LINE = "b?"
"""Kinds of elements of which Python makes no objects."""

_Items = Iterator[tuple[Any, Any]]


def plain(value: Any, limits: PayloadLimits | None = None) -> Any:
    """Return a value as JSON can hold it: numbers and tables of NumPy and pandas as plain ones.

    What the value shares, the plain one shares too: it takes no more memory than the value.

    Args:
        value: what a payload was read to.
        limits: how large it may be once all is written out; None for those of what is used.

    Raises:
        PayloadTooLarge: it is larger, or has an integer with too many digits for JSON.
        UnreadablePayload: JSON cannot have it: two keys that are one name, a time that no calendar
            has.
    """
    limits = limits or to_use()
    if kind_of(type(value)) is Kind.SINGLE or is_opaque(value):
        found = single(value, written)
    else:
        maker = _Plain(Budget(limits))
        found = maker.of(value)
        if not maker.has_shared:
            return found
    _check(found, limits)
    return found


def _check(value: Any, limits: PayloadLimits) -> None:
    """Make sure that a value is not too large as a text."""
    size = expand(value, limits)
    size.check(limits)
    if size.has_digits_beyond(limits):
        raise Budget(limits).too_many_digits()
    if size.characters + size.indentation > limits.made_bytes:
        raise Budget(limits).too_many_bytes()


class _Plain:
    """Makes the plain form of one value, each container once."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.has_shared = False
        """Whether a container is in the value more than once, or in itself."""
        self._known: dict[int, tuple[Any, Any]] = {}
        """Containers with their plain forms, by the ids of the containers."""
        self._empty: dict[type, Any] = {list: [], dict: {}}
        """What stands for all empty ones."""
        self._alike = Counter[str]()
        """How often names of placeholders were given."""
        self._indentation = 0
        """Characters that stand before the lines of the value as indented JSON."""

    def of(self, value: Any) -> Any:
        """Return the plain form of a container."""
        found, waiting = self._enter(value, 0)
        frames: list[tuple[Any, _Items]] = [(found, waiting)]
        while frames:
            target, items = frames[-1]
            if (item := next(items, None)) is None:
                frames.pop()
                continue
            self._budget.check_depth(len(frames))
            name, child = item
            kind = kind_of(type(child))
            if kind is Kind.SINGLE or is_opaque(child):
                made = self._single(child)
            elif kind in _MAY_BE_EMPTY and not child:
                made = self._empty[dict if kind is Kind.MAPPING else list]
            elif id(child) in self._known:
                self.has_shared = True
                _, made = self._known[id(child)]
            else:
                made, inner = self._enter(child, len(frames))
                frames.append((made, inner))
            if isinstance(target, dict):
                target[name] = made
            else:
                target.append(made)
        return found

    def _single(self, value: Any) -> Any:
        if isinstance(value, bytes | bytearray):
            self._budget.take_bytes(_OF_A_BYTE * len(value))
        elif isinstance(value, str):
            self._budget.take_bytes(len(value))
        elif isinstance(value, int) and value.bit_length() > _BITS:
            self._check_digits(value.bit_length())
        found = single(value, written)
        if isinstance(found, str) and not isinstance(value, str):
            self._budget.take_bytes(len(found))
        return found

    def _check_digits(self, bits: int) -> None:
        if bits > self._budget.limits.digits * BITS_OF_A_DIGIT:
            raise self._budget.too_many_digits()

    def _enter(self, container: Any, depth: int) -> tuple[Any, _Items]:
        """Return the plain form of a container, which is empty, with what comes into it."""
        self._budget.take_bytes(_OF_A_CONTAINER)
        made, items = self._opened(container, depth)
        self._known[id(container)] = container, made  # whose id nothing else has while it is here
        return made, items

    def _opened(self, container: Any, depth: int) -> tuple[Any, _Items]:
        kind = kind_of(type(container))
        if type(container) in _ROWS and _are_plain(container):
            self._budget.take_values(len(container))
            self._indent(len(container), depth)
            self._check_digits(max(map(_bits, container), default=0))
            self._budget.take_bytes(sum(len(item) for item in container if type(item) is str))
            return list(container), iter(())
        if kind is Kind.ARRAY and not container.dtype.hasobject and not container.dtype.names:
            return self._array(container, depth), iter(())
        if (pairs := pairs_of(container)) is not None:
            made: dict[str, Any] = {}
            return made, self._named(container, pairs, made, depth)
        items = items_of(container)
        return [], self._counted(() if items is None else items, depth)

    def _counted(self, items: Iterable[Any], depth: int) -> _Items:
        count = 0
        for count, item in enumerate(items, 1):  # noqa: B007 - it is used after the last one
            self._budget.take_values()
            yield "", item
        self._indent(count, depth)

    def _named(
        self, container: Any, pairs: Iterable[tuple[Any, Any]], made: dict[str, Any], depth: int
    ) -> _Items:
        count = 0
        for count, (key, item) in enumerate(pairs, 1):  # noqa: B007
            self._budget.take_values()
            yield key if type(key) is str else self._name_of(key), item
        self._indent(count, depth)
        if len(made) != count:
            raise have_one_name(pairs_of(container) or (), self._name_of)

    def _name_of(self, key: Any) -> str:
        """What JSON has in the place of a key, which takes memory wherever a key is shared."""
        if type(key) is int and -_SMALL < key < _SMALL:
            return str(key)
        if self._is_foreign(key):
            return self._shown_name_of(key)
        if kind_of(type(key)) is not Kind.SINGLE:
            if not _is_short(key):
                self._budget.take_bytes(size_of_text(key, self._budget))
        elif isinstance(key, bytes | bytearray):
            self._budget.take_bytes(_OF_A_BYTE * len(key))
        elif isinstance(key, int):
            self._check_digits(key.bit_length())
        name = written(key.__str__)
        self._budget.take_bytes(_OF_A_TEXT + len(name))
        return name

    def _is_foreign(self, key: Any) -> bool:
        """Whether a key is a placeholder, or has one in it."""
        kind = kind_of(type(key))
        if kind is Kind.SINGLE or (kind is Kind.SEQUENCE and _is_short(key)):
            return False
        return has_foreign(key, self._budget)

    def _shown_name_of(self, key: Any) -> str:
        """A short text of a placeholder; others like it have a number."""
        name = name_of(key)
        self._alike[name] += 1
        self._budget.take_bytes(_OF_A_TEXT + len(name))
        return name if self._alike[name] == 1 else f"{name} ({self._alike[name]})"

    def _indent(self, lines: int, depth: int) -> None:
        """Count what stands before the lines of a container in indented JSON."""
        self._indentation += 2 * (depth + 1) * (lines + 1)
        if self._indentation > self._budget.limits.made_bytes:
            raise self._budget.too_many_bytes()

    def _array(self, array: Any, depth: int) -> Any:
        """An array of numbers or texts; one without elements shares its empty rows."""
        shape = array.shape
        rows = sum(prod(shape[:length]) for length in range(1, len(shape)))
        self._budget.take_values(array.size + rows)
        self._budget.take_bytes(_size_of_element(array.dtype) * array.size)
        self._indent(array.size + 2 * rows, depth + array.ndim - 1)
        if not array.size:
            return _empty(shape)
        self._budget.take_bytes((_OF_A_CONTAINER + _OF_A_SLOT) * rows)
        return _of_numbers(array.tolist())


_MAY_BE_EMPTY = (Kind.SEQUENCE, Kind.MAPPING)


def _size_of_element(kind: Any) -> int:
    """How many bytes Python takes for an element of an array."""
    if kind.kind in "SU":
        return _OF_A_TEXT + int(kind.itemsize) * (_OF_A_BYTE if kind.kind == "S" else 1)
    return _OF_A_SLOT if kind.char in _IN_LINE else _OF_A_NUMBER


def _are_plain(items: Any) -> bool:
    """Whether items are as JSON has them already: the rows of most tables are."""
    types = set(map(type, items))
    return types <= _AS_THEY_ARE and (
        float not in types or all(isfinite(item) for item in items if type(item) is float)
    )


def _is_short(key: Any) -> bool:
    """Whether a key is a tuple whose text is short, as most are."""
    return len(key) <= _FEW and all(
        type(part) in _AS_THEY_ARE and part.__sizeof__() < _SHORT for part in key
    )


def _bits(item: Any) -> int:
    return item.bit_length() if type(item) is int else 0


def _empty(shape: tuple[int, ...]) -> list[Any]:
    found: list[Any] = []
    for length in reversed(shape[: shape.index(0)]):
        found = [found] * length
    return found


def _of_numbers(items: Any) -> Any:
    """The items of an array, as JSON can hold them."""
    if not isinstance(items, list):
        return single(items, written)
    if all(type(item) in (int, bool, str) for item in items):
        return items
    return [_of_numbers(item) for item in items]
