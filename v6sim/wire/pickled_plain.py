"""What a pickle may name of Python itself: built-in containers and scalars, dates, numbers, ids."""

import collections
import datetime as dt
import decimal
import re
import uuid
from collections.abc import Callable
from fractions import Fraction
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any, NoReturn

from v6sim.wire.budget import Budget
from v6sim.wire.hash_check import HashCheck
from v6sim.wire.pickle_machine import RECONSTRUCTOR
from v6sim.wire.pickled_zones import ZONES, moment
from v6sim.wire.sealed import Constant, Sealed, SealedType, Unsupported

_ENCODINGS = ("latin-1", "latin1", "utf-8", "ascii")
_OF_AN_ITEM, _OF_A_MEMBER = 8, 100
"""Bytes that a list and a dict take for one."""

_SCALARS = (int, float, bool, str, bytes, type(None), dt.timedelta, dt.timezone)
_OF_A_DEQUE, _OF_A_PATH = 700, 500
_FRACTION = re.compile(r"-?[0-9]{1,300}(/[0-9]{1,300})?")
_LONGEST_FRACTION = 1_000
"""Bits of its numbers, whose largest common divisor is looked for."""

_PATHS: dict[str, type[PurePath]] = {
    "PurePath": PurePosixPath, "PurePosixPath": PurePosixPath, "PosixPath": PurePosixPath,
    "Path": PurePosixPath, "PureWindowsPath": PureWindowsPath, "WindowsPath": PureWindowsPath,
}  # fmt: skip
_MOST_BITS = 64
"""Of an integer of which a date or a number is made: conversions of long ones take for ever."""


class _Uuid(uuid.UUID, metaclass=SealedType):
    """A UUID whose class a pickle cannot change; reads and prints as one."""

    def set_state(self, budget: Budget, state: dict[str, Any]) -> None:  # noqa: ARG002
        """Take the number."""
        number = state["int"]
        if type(number) is not int:
            raise ValueError("a UUID that is no number")
        uuid.UUID.__init__(self, int=number)


type.__setattr__(_Uuid, "__name__", "UUID")


def _only_named(kind: type) -> Sealed:
    """A type that pickles name (as what a defaultdict makes, say) but have no need to call."""

    def refuse(*_: Any) -> NoReturn:
        raise Unsupported(f"a call of {kind.__name__}")

    return Sealed(refuse, kind)


def _container(kind: type) -> Sealed:
    """A container that is filled from another one only: no endless iterables, no giant sizes."""
    is_hashed = kind in (set, frozenset)

    def make(budget: Budget, content: Any = ()) -> Any:
        if type(content) not in (list, tuple, set, frozenset, dict):
            raise ValueError(f"{kind.__name__} of a {type(content).__name__}")
        budget.take_bytes(64 + len(content) * (_OF_A_MEMBER if is_hashed else _OF_AN_ITEM))
        budget.take_values(len(content))
        if not is_hashed:
            return kind(content)
        if kind is frozenset:
            return HashCheck(budget).frozen(content)
        members: set[Any] = set()
        HashCheck(budget).fill_set(members, content)
        return members

    return Sealed(make, kind)


def _mapping(kind: type[dict[Any, Any]]) -> Sealed:
    """A mapping that is filled from another one, or from a list of pairs."""

    def make(budget: Budget, content: Any = ()) -> Any:
        if type(content) is dict:
            content = content.items()
        elif type(content) not in (list, tuple) or not all(
            type(pair) in (list, tuple) and len(pair) == 2 for pair in content
        ):
            raise ValueError(f"{kind.__name__} of a {type(content).__name__}")
        budget.take_bytes(64 + len(content) * _OF_A_MEMBER)
        budget.take_values(len(content))
        made = kind()
        keys, values = [key for key, _ in content], [value for _, value in content]
        HashCheck(budget).fill_mapping(made, keys, values)
        return made

    return Sealed(make, kind)


def _bytes_of(kind: type[bytes] | type[bytearray]) -> Sealed:
    def make(budget: Budget, content: Any = b"", encoding: str = "latin-1") -> Any:
        if type(content) is str:
            content = _encoded(budget, content, encoding)
        if type(content) is not bytes:
            raise ValueError(f"{kind.__name__} of a {type(content).__name__}")
        budget.take_bytes(64 + len(content))
        return kind(content)

    return Sealed(make, kind)


def _encoded(budget: Budget, text: Any, encoding: Any) -> bytes:
    """How protocols up to 2 write bytes: as text in Latin 1."""
    if type(text) is not str or encoding not in _ENCODINGS:
        raise ValueError(f"bytes in {encoding!r:.60}")
    budget.take_bytes(64 + len(text))
    return text.encode(encoding)


def _of_scalars(kind: Callable[..., Any], *taken: type) -> Sealed:
    """Something small that is made of single values.

    Args:
        kind: makes it.
        taken: of which kinds they are; any by default.
    """
    kinds = taken or _SCALARS

    def make(budget: Budget, *args: Any) -> Any:
        for arg in args:
            if type(arg) not in kinds or (type(arg) is int and arg.bit_length() > _MOST_BITS):
                raise ValueError(f"an argument of type {type(arg).__name__}")
            if isinstance(arg, str | bytes):
                budget.take_bytes(len(arg))
        budget.take_bytes(64)
        return kind(*args)

    return Sealed(make, kind if isinstance(kind, type) else None)


def _default_dict(budget: Budget, factory: Any = None) -> Any:
    budget.take_bytes(64)  # a factory of a stranger is left out: nothing would call it
    return collections.defaultdict(factory.means if isinstance(factory, Sealed) else None)


def _deque(budget: Budget, content: Any = (), most: Any = None) -> Any:
    """A deque, which is filled later."""
    if type(content) not in (list, tuple) or not (most is None or type(most) is int):
        raise ValueError(f"a deque of a {type(content).__name__}")
    budget.take_bytes(_OF_A_DEQUE + len(content) * _OF_AN_ITEM)
    budget.take_values(len(content))
    return collections.deque(content, most)


def _fraction(budget: Budget, *args: Any) -> Fraction:
    """A fraction, of a text (until Python 3.11) or of two numbers."""
    if len(args) == 1 and type(args[0]) is str and _FRACTION.fullmatch(args[0]):
        args = tuple(int(part) for part in args[0].split("/"))
    if not 1 <= len(args) <= 2 or not all(
        type(number) is int and number.bit_length() <= _LONGEST_FRACTION for number in args
    ):
        raise Unsupported("a fraction of long numbers")
    budget.take_bytes(_OF_A_MEMBER + sum(number.bit_length() for number in args))
    return Fraction(*args)


def _path(kind: type[PurePath]) -> Sealed:
    """A path, which is a pure one: it leads to no files of this machine."""

    def make(budget: Budget, *parts: Any) -> PurePath:
        if not all(type(part) is str for part in parts):
            raise ValueError("a path that is not made of texts")
        budget.take_bytes(_OF_A_PATH + 4 * sum(map(len, parts)))
        return kind(*parts)

    return Sealed(make, kind)


PLAIN: dict[tuple[str, str], Any] = {
    ("builtins", "list"): _container(list),
    ("builtins", "tuple"): _container(tuple),
    ("builtins", "set"): _container(set),
    ("builtins", "frozenset"): _container(frozenset),
    ("builtins", "dict"): _mapping(dict),
    ("builtins", "bytes"): _bytes_of(bytes),
    ("builtins", "bytearray"): _bytes_of(bytearray),
    ("builtins", "int"): _only_named(int),
    ("builtins", "float"): _only_named(float),
    ("builtins", "str"): _only_named(str),
    ("builtins", "bool"): _only_named(bool),
    ("builtins", "object"): _only_named(object),
    ("builtins", "Ellipsis"): Constant(Ellipsis),
    ("builtins", "NotImplemented"): Constant(NotImplemented),
    ("builtins", "complex"): _of_scalars(complex, int, float),
    ("builtins", "range"): _of_scalars(range, int),
    ("builtins", "xrange"): _of_scalars(range, int),  # Python 2's name: protocols up to 2 use it
    ("builtins", "slice"): _of_scalars(slice, int, float, type(None)),
    ("_codecs", "encode"): Sealed(_encoded),
    ("copyreg", "_reconstructor"): RECONSTRUCTOR,
    ("copy_reg", "_reconstructor"): RECONSTRUCTOR,
    ("collections", "OrderedDict"): _mapping(collections.OrderedDict),
    ("collections", "defaultdict"): Sealed(_default_dict, collections.defaultdict),
    ("collections", "deque"): Sealed(_deque, collections.deque),
    ("collections", "Counter"): _mapping(collections.Counter),
    ("datetime", "date"): _of_scalars(dt.date),
    ("datetime", "time"): Sealed(moment(dt.time), dt.time),
    ("datetime", "datetime"): Sealed(moment(dt.datetime), dt.datetime),
    ("datetime", "timedelta"): _of_scalars(dt.timedelta, int),
    ("datetime", "timezone"): _of_scalars(dt.timezone, dt.timedelta, str),
    **ZONES,
    ("fractions", "Fraction"): Sealed(_fraction, Fraction),
    **{("pathlib", name): _path(kind) for name, kind in _PATHS.items()},
    **{("pathlib._local", name): _path(kind) for name, kind in _PATHS.items()},
    ("decimal", "Decimal"): _of_scalars(decimal.Decimal, str),
    ("uuid", "UUID"): _Uuid,
    ("uuid", "SafeUUID"): _of_scalars(uuid.SafeUUID, int, type(None)),
}
