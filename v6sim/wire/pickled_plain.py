"""What a pickle may name of Python itself: built-in containers and scalars, dates, numbers, ids."""

import collections
import datetime as dt
import decimal
import uuid
from typing import Any, NoReturn

from v6sim.wire.sealed import Sealed, SealedType


class _Uuid(uuid.UUID, metaclass=SealedType):
    """A UUID whose class a pickle cannot change; reads and prints as one."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        uuid.UUID.__init__(self, int=state["int"])


type.__setattr__(_Uuid, "__name__", "UUID")


def _only_named(kind: type) -> Sealed:
    """A type that pickles name (as what a defaultdict makes, say) but have no need to call."""

    def refuse(*_: Any) -> NoReturn:
        raise ValueError(f"a call of {kind.__name__}")

    return Sealed(refuse, kind)


def _container(kind: type) -> Sealed:
    """A container that is filled from another one only: no endless iterables, no giant sizes."""

    def make(content: Any = ()) -> Any:
        if type(content) not in (list, tuple, set, frozenset, dict):
            raise ValueError(f"{kind.__name__} of a {type(content).__name__}")
        return kind(content)

    return Sealed(make, kind)


def _bytes_of(kind: type[bytes] | type[bytearray]) -> Sealed:
    def make(content: Any = b"", encoding: str = "latin-1") -> Any:
        if isinstance(content, str):
            return kind(content, encoding)
        if not isinstance(content, bytes):
            raise ValueError(f"{kind.__name__} of a {type(content).__name__}")
        return kind(content)

    return Sealed(make, kind)


def _encode(text: str, encoding: str) -> bytes:
    """How protocols up to 2 write bytes: as text in Latin 1."""
    if not isinstance(text, str) or encoding != "latin1":
        raise ValueError(f"bytes in {encoding!r}")
    return text.encode("latin-1")


def _default_dict(factory: Any = None) -> Any:
    return collections.defaultdict(factory.means if isinstance(factory, Sealed) else None)


def _new(kind: Any, base: Any, state: Any) -> Any:
    """How protocols 0 and 1 make an object: a stand-in of ours, here."""
    if not isinstance(kind, SealedType) or state is not None:
        raise ValueError(f"an object of {kind!r} on {base!r}")
    made: Any = kind
    return made.__new__(made)


PLAIN: dict[tuple[str, str], Any] = {
    ("builtins", "list"): _container(list),
    ("builtins", "tuple"): _container(tuple),
    ("builtins", "set"): _container(set),
    ("builtins", "frozenset"): _container(frozenset),
    ("builtins", "dict"): _container(dict),
    ("builtins", "bytes"): _bytes_of(bytes),
    ("builtins", "bytearray"): _bytes_of(bytearray),
    ("builtins", "int"): _only_named(int),
    ("builtins", "float"): _only_named(float),
    ("builtins", "str"): _only_named(str),
    ("builtins", "bool"): _only_named(bool),
    ("builtins", "object"): _only_named(object),
    ("builtins", "complex"): complex,
    ("builtins", "range"): range,
    ("builtins", "xrange"): range,  # Python 2's name, which protocols up to 2 use
    ("builtins", "slice"): slice,
    ("_codecs", "encode"): Sealed(_encode),
    ("copyreg", "_reconstructor"): Sealed(_new),
    ("copy_reg", "_reconstructor"): Sealed(_new),
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("collections", "defaultdict"): Sealed(_default_dict),
    ("collections", "Counter"): _container(collections.Counter),
    ("datetime", "date"): dt.date,
    ("datetime", "time"): dt.time,
    ("datetime", "datetime"): dt.datetime,
    ("datetime", "timedelta"): dt.timedelta,
    ("datetime", "timezone"): dt.timezone,
    ("decimal", "Decimal"): decimal.Decimal,
    ("uuid", "UUID"): _Uuid,
    ("uuid", "SafeUUID"): Sealed(uuid.SafeUUID),
}
