"""Values as JSON can hold them, whole."""

from collections.abc import Iterable, Iterator
from math import isfinite, prod
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import Kind, as_text, items_of, kind_of, pairs_of, single
from v6sim.wire.expansion import BITS_OF_A_DIGIT, expand
from v6sim.wire.limits import PayloadLimits, to_use

_ROWS, _AS_THEY_ARE = (list, tuple), {str, int, float, bool, type(None)}
_BITS = 64
_OF_A_CONTAINER, _OF_AN_ITEM, _OF_A_ROW, _OF_A_BYTE = 64, 8, 16, 4


def plain(value: Any, limits: PayloadLimits | None = None) -> Any:
    """Return a value as JSON can hold it: numbers and tables of NumPy and pandas as plain ones.

    What the value shares, the plain one shares too: it takes no more memory than the value.

    Args:
        value: what a payload was read to.
        limits: how large it may be once all is written out; None for those of what is used.

    Raises:
        PayloadTooLarge: it is larger, or has an integer with too many digits for JSON.
    """
    limits = limits or to_use()
    if kind_of(type(value)) is Kind.SINGLE:
        found = single(value)
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
    if size.characters > limits.made_bytes:
        raise Budget(limits).too_many_bytes()


class _Plain:
    """Makes the plain form of one value, each container once."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.has_shared = False
        """Whether a container is in the value more than once, or in itself."""
        self._known: dict[int, tuple[Any, Any]] = {}
        """Containers with their plain forms, by the ids of the containers."""

    def of(self, value: Any) -> Any:
        """Return the plain form of a container."""
        found, waiting = self._enter(value)
        frames: list[tuple[Any, Iterator[tuple[Any, Any]]]] = [(found, waiting)]
        while frames:
            target, items = frames[-1]
            if (item := next(items, None)) is None:
                frames.pop()
                continue
            self._budget.check_depth(len(frames))
            name, child = item
            if kind_of(type(child)) is Kind.SINGLE:
                made = self._single(child)
            elif id(child) in self._known:
                self.has_shared = True
                _, made = self._known[id(child)]
            else:
                made, inner = self._enter(child)
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
        found = single(value)
        if isinstance(found, str) and not isinstance(value, str):
            self._budget.take_bytes(len(found))
        return found

    def _check_digits(self, bits: int) -> None:
        if bits > self._budget.limits.digits * BITS_OF_A_DIGIT:
            raise self._budget.too_many_digits()

    def _enter(self, container: Any) -> tuple[Any, Iterator[tuple[Any, Any]]]:
        """Return the plain form of a container, which is empty, with what comes into it."""
        self._budget.take_bytes(_OF_A_CONTAINER)
        made, items = self._opened(container)
        self._known[id(container)] = container, made  # whose id nothing else has while it is here
        return made, items

    def _opened(self, container: Any) -> tuple[Any, Iterator[tuple[Any, Any]]]:
        kind = kind_of(type(container))
        if type(container) in _ROWS and _are_plain(container):
            self._budget.take_values(len(container))
            self._check_digits(max(map(_bits, container), default=0))
            self._budget.take_bytes(sum(len(item) for item in container if type(item) is str))
            return list(container), iter(())
        if kind is Kind.ARRAY and not container.dtype.hasobject:
            return self._array(container), iter(())
        if (pairs := pairs_of(container)) is not None:
            return {}, self._counted((_name(name), item) for name, item in pairs)
        items = items_of(container)
        return [], self._counted(("", item) for item in (() if items is None else items))

    def _counted(self, items: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
        for item in items:
            self._budget.take_values()
            yield item

    def _array(self, array: Any) -> Any:
        """An array of numbers or texts; one without elements shares its empty rows."""
        rows = prod(array.shape[:-1])
        self._budget.take_values(array.size + rows)
        self._budget.take_bytes(_OF_AN_ITEM * array.size + _OF_A_ROW * rows)
        if not array.size:
            return _empty(array.shape)
        return _of_numbers(array.tolist())


def _are_plain(items: Any) -> bool:
    """Whether items are as JSON has them already: the rows of most tables are."""
    types = set(map(type, items))
    return types <= _AS_THEY_ARE and (
        float not in types or all(isfinite(item) for item in items if type(item) is float)
    )


def _bits(item: Any) -> int:
    return item.bit_length() if type(item) is int else 0


def _name(key: Any) -> str:
    return key if type(key) is str else as_text(key.__str__)


def _empty(shape: tuple[int, ...]) -> list[Any]:
    found: list[Any] = []
    for length in reversed(shape[: shape.index(0)]):
        found = [found] * length
    return found


def _of_numbers(items: Any) -> Any:
    """The items of an array, as JSON can hold them."""
    if not isinstance(items, list):
        return single(items)
    if all(type(item) in (int, bool, str) for item in items):
        return items
    return [_of_numbers(item) for item in items]
