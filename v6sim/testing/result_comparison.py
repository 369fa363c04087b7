"""Where two results differ, field by field.

Parts that are shared are compared once, arrays as a whole: it takes as long as the results are
large, not as long as they are written out.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from v6sim.wire.budget import Budget
from v6sim.wire.containers import (
    Kind,
    has_plain_bytes,
    items_of,
    kind_of,
    pairs_of,
    single,
)
from v6sim.wire.foreign import ForeignObject
from v6sim.wire.key_names import distinct_names, has_foreign
from v6sim.wire.limits import TO_SHOW, PayloadLimits, UnreadablePayload, to_use
from v6sim.wire.plain import plain
from v6sim.wire.printing import Printer
from v6sim.wire.text_styles import Python
from v6sim.wire.value_digest import whole_name_of

_MOST_LISTED, _LONGEST = 100, 500
"""Differences that a message lists, and characters of a value in it."""

_MOST_KNOWN, _LONG = 2_000_000, 1_000
_ROWS, _SINGLE = (list, tuple), {str, int, float, bool, type(None)}
_NUMBERS = "iuf"
_NOTHING = object()


@dataclass(frozen=True)
class Difference:
    """Where two results differ.

    Args:
        field: such as `coefficients[2]`; empty for the whole.
        federated: what the federation gave.
        pooled: what all rows together gave.
    """

    field: str
    federated: Any
    pooled: Any

    def __str__(self) -> str:
        """As messages show it."""
        name = self.field or "the result"
        text = f"{name}: {_shown(self.federated)}, pooled {_shown(self.pooled)}"
        return f"{text} ({problem})" if (problem := self.problem) else text

    @property
    def problem(self) -> str:
        """Why the two cannot be compared; empty if they can."""
        sides = self.federated, self.pooled
        if any(map(_has_foreign_parts, sides)):
            return "objects of types that v6sim does not load cannot be compared"
        return ""

    def row(self) -> dict[str, Any]:
        """As programs are told."""
        row = {
            "field": self.field,
            "federated": _plain(self.federated),
            "pooled": _plain(self.pooled),
        }
        return {**row, "problem": self.problem} if self.problem else row


@dataclass(frozen=True)
class Tolerance:
    """By how much numbers may differ."""

    relative: float
    absolute: float

    def holds(self, one: float, other: float) -> bool:
        """Whether two numbers are close enough; what is no number is equal to itself."""
        if one == other:
            return True
        try:
            if math.isnan(one) or math.isnan(other):
                return math.isnan(one) and math.isnan(other)
            return math.isclose(one, other, rel_tol=self.relative, abs_tol=self.absolute)
        except OverflowError:  # integers that are larger than any float
            return False


def differences(
    federated: Any, pooled: Any, *, relative: float = 1e-9, absolute: float = 0.0,
    limits: PayloadLimits | None = None,
) -> list[Difference]:  # fmt: skip
    """Return where two results differ, field by field.

    Args:
        federated: one of them; numbers and tables of NumPy and pandas count as plain ones.
        pooled: the other one.
        relative: by what part of the larger one numbers may differ.
        absolute: by how much they may differ in any case.
        limits: how much is compared; None for what a result that is used may have.

    Raises:
        PayloadTooLarge: there is more to compare.
    """
    comparison = _Comparison(Tolerance(relative, absolute), Budget(limits or to_use()))
    return list(comparison.compare(federated, pooled))


def listed(found: Sequence[Difference]) -> str:
    """Return differences as lines of a message: the first ones, and how many more there are."""
    lines = [f"\n  {each}" for each in found[:_MOST_LISTED]]
    if len(found) > _MOST_LISTED:
        lines.append(f"\n  and {len(found) - _MOST_LISTED:,} more")
    return "".join(lines)


_Pair = tuple[str, Any, Any]


class _Comparison:
    """Goes through two values side by side."""

    def __init__(self, close: Tolerance, budget: Budget) -> None:
        self._close, self._budget = close, budget
        self._known: dict[tuple[int, int], tuple[Any, Any]] = {}
        """Containers that were compared, by their ids, which nothing else has meanwhile."""
        self._names: dict[int, tuple[Any, str]] = {}
        """Long keys with their names, by the ids of the keys."""

    def compare(self, one: Any, other: Any) -> Iterator[Difference]:
        waiting: list[Iterator[_Pair]] = [iter([("", one, other)])]
        while waiting:
            if (pair := next(waiting[-1], None)) is None:
                waiting.pop()
                continue
            self._budget.take_values()
            self._budget.check_depth(len(waiting) - 1)
            inner = self._inner(*pair)
            if isinstance(inner, Difference):
                yield inner
            elif inner is not None:
                waiting.append(inner)

    def _inner(self, field: str, one: Any, other: Any) -> Iterator[_Pair] | Difference | None:
        """The parts of two values that are to be compared; a difference, or None if they are."""
        kinds = kind_of(type(one)), kind_of(type(other))
        if Kind.FOREIGN in kinds:
            return Difference(field, one, other)
        if one is other and kinds[0] is Kind.SINGLE:
            return None
        if _are_same_rows(one, other) or self._is_known(one, other):
            return None
        if self._are_same_arrays(one, other):
            return None
        if one is _NOTHING or other is _NOTHING:
            return Difference(field, *("(none)" if x is _NOTHING else x for x in (one, other)))
        if (names := pairs_of(one)) is not None and (others := pairs_of(other)) is not None:
            left, right = list(names), list(others)
            if self._have_foreign([*left, *right]):
                return Difference(field, one, other)
            return _by_name(field, self._named(left), self._named(right))
        if (items := items_of(one)) is not None and (others := items_of(other)) is not None:
            if _length(one) != _length(other):
                return Difference(field, one, other)
            pairs = zip(items, others, strict=True)
            return ((f"{field}[{place}]", *pair) for place, pair in enumerate(pairs))
        return self._singles(field, one, other)

    def _singles(self, field: str, one: Any, other: Any) -> Difference | None:
        """Two values of which not both are objects, and not both lists."""
        if isinstance(one, bytes | bytearray) and isinstance(other, bytes | bytearray):
            return None if one == other else Difference(field, one, other)
        is_single, is_other = _is_single(one), _is_single(other)
        left, right = single(one) if is_single else one, single(other) if is_other else other
        if not is_single or not is_other:
            return Difference(field, left, right)
        if _is_number(left) and _is_number(right):
            is_same = self._close.holds(left, right)
        else:
            is_same = left == right
        return None if is_same else Difference(field, left, right)

    def _is_known(self, one: Any, other: Any) -> bool:
        """Whether two containers, or long texts, were compared already, or are being so."""
        if Kind.SINGLE in (kind_of(type(one)), kind_of(type(other))) and not _are_long(one, other):
            return False
        pair = id(one), id(other)
        if pair in self._known:
            return True
        if len(self._known) < _MOST_KNOWN:
            self._known[pair] = one, other
        return False

    def _have_foreign(self, pairs: Iterable[tuple[Any, Any]]) -> bool:
        """Whether a placeholder is among the keys: nobody knows which of them are the same."""
        return any(type(key) is not str and has_foreign(key, self._budget) for key, _ in pairs)

    def _named(self, found: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
        """Items by the names of their keys, of which no two are the same."""
        names = distinct_names([key for key, _ in found], self._name_of)
        return {name: item for name, (_, item) in zip(names, found, strict=True)}

    def _name_of(self, key: Any) -> str:
        """The name of a key; that of a long one is made once."""
        if type(key) is str and len(key) <= _LONG:
            return key
        if not _is_long(key) and kind_of(type(key)) is Kind.SINGLE:
            return whole_name_of(key)
        if id(key) not in self._names:
            self._names[id(key)] = key, whole_name_of(key)
        return self._names[id(key)][1]

    def _are_same_arrays(self, one: Any, other: Any) -> bool:
        """Whether two arrays of numbers are the same; if they are not, it is looked where."""
        if kind_of(type(one)) is not Kind.ARRAY or kind_of(type(other)) is not Kind.ARRAY:
            return False
        if one.shape != other.shape or not (has_plain_bytes(one) and has_plain_bytes(other)):
            return False
        if not one.size:
            return True
        if one.dtype.kind not in _NUMBERS or other.dtype.kind not in _NUMBERS:
            return False
        return self._are_close(one, other)

    def _are_close(self, one: Any, other: Any) -> bool:
        import numpy as np

        with np.errstate(all="ignore"):
            left, right = one.astype(float), other.astype(float)
            largest = np.maximum(abs(left), abs(right))
            allowed = np.maximum(self._close.relative * largest, self._close.absolute)
            is_finite = np.isfinite(left) & np.isfinite(right)
            are_close = is_finite & (abs(left - right) <= allowed)
            are_neither = ~np.isfinite(left) & ~np.isfinite(right)
            return bool(np.all(are_close | are_neither))


def _are_same_rows(one: Any, other: Any) -> bool:
    """Whether two lists of single values are the very same, which is told at once."""
    if type(one) not in _ROWS or type(other) not in _ROWS or len(one) != len(other):
        return False
    if not _SINGLE.issuperset(map(type, one)) or any(map(_is_long, one)):
        return False
    return list(one) == list(other)


def _are_long(one: Any, other: Any) -> bool:
    return _is_long(one) and _is_long(other)


def _is_long(value: Any) -> bool:
    """Whether comparing a value takes long, so that it is not done again and again."""
    return bool(value.__sizeof__() > _LONG)


def _by_name(field: str, left: dict[str, Any], right: dict[str, Any]) -> Iterator[_Pair]:
    """The items of two objects, in the order of the first one."""
    for key in [*left, *(key for key in right if key not in left)]:
        name = f"{field}.{key}" if field else key
        yield name, left.get(key, _NOTHING), right.get(key, _NOTHING)


def _is_single(value: Any) -> bool:
    return pairs_of(value) is None and items_of(value) is None


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_foreign_parts(value: Any) -> bool:
    """Whether a value is a placeholder, or has one among its keys."""
    if isinstance(value, ForeignObject):
        return True
    budget = Budget(to_use())
    keys = value if isinstance(value, dict) else ()
    return any(type(key) is not str and has_foreign(key, budget) for key in keys)


def _shown(value: Any) -> str:
    return str(Printer(Python(), TO_SHOW, _LONGEST).print(value))


def _plain(value: Any) -> Any:
    try:
        return plain(value)
    except UnreadablePayload as error:
        return f"({error})"
