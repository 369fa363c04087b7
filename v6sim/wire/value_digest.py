"""Digests of values: two that are equal as JSON have the same, however they share their parts."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import (
    Kind,
    has_plain_bytes,
    is_of_numpy,
    items_of,
    kind_of,
    pairs_of,
    plain_item,
    single,
)
from v6sim.wire.limits import TO_SHOW, PayloadLimits
from v6sim.wire.printing import Printer
from v6sim.wire.text_styles import Python, name_of

_LONG, _SHORT = 1_000, 100
"""Bytes of a value whose digest is remembered, and of a name that is given in part."""

_BITS = 3_000
"""Of an integer that is a name."""

_Item = tuple[bytes, Any]


def digest_of(value: Any, limits: PayloadLimits) -> str:
    """Return the SHA-256 of a value; it takes as long as the value has parts, shared ones once.

    Args:
        value: what a payload was read to.
        limits: how much time it may take.

    Raises:
        PayloadTooLarge: a container contains itself.
    """
    return _Digester(Budget(limits)).of(value).hex()


def whole_name_of(key: Any) -> str:
    """Return a key as JSON names it; one that is long has its digest in the place of its end.

    Args:
        key: a key of a dict, or a label of a table.
    """
    if isinstance(key, str) and len(key) <= _LONG:
        return key
    if kind_of(type(key)) is Kind.SINGLE:
        name = name_of(key, _LONG)
        has_digits = isinstance(key, int) and key.bit_length() > _BITS
        is_whole = len(name) <= _LONG and not has_digits
    else:
        printed = Printer(Python(), TO_SHOW, _LONG).print(key)
        name, is_whole = printed.text, not printed.stopped
    return name if is_whole else f"{name[:_SHORT]}... (digest {digest_of(key, TO_SHOW)})"


class _Digester:
    """Makes the digest of one value out of those of its parts."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._known: dict[int, tuple[Any, bytes | None]] = {}
        """Of each container by its id, which nothing else has as long as it is here."""

        self._names: dict[int, tuple[str, bytes]] = {}
        """Of long names, by their ids."""

    def of(self, value: Any) -> bytes:
        if (found := self._found(value)) is not None:
            return found
        waiting = [(value, *self._enter(value))]
        while True:
            container, digest, items = waiting[-1]
            item = next(items, None)
            if item is None:
                made: bytes = digest.digest()
                self._known[id(container)] = container, made
                waiting.pop()
                if not waiting:
                    return made
                waiting[-1][1].update(made)
                continue
            name, child = item
            digest.update(name)
            if (found := self._found(child)) is not None:
                digest.update(found)
            else:
                waiting.append((child, *self._enter(child)))

    def _found(self, value: Any) -> bytes | None:
        """The digest of a single value, or of a container that had its turn; else None."""
        if kind_of(type(value)) is Kind.SINGLE:
            return self._of_single(value)
        if id(value) not in self._known:
            return None
        _, found = self._known[id(value)]
        if found is None:
            raise self._budget.has_no_end()
        return found

    def _of_single(self, value: Any) -> bytes:
        """The digest of a single value; of a long one it is remembered."""
        if value.__sizeof__() < _LONG:
            return _digest(value)
        _, found = self._known.get(id(value), (value, None))
        if found is None:
            found = _digest(value)
            self._known[id(value)] = value, found
        return found

    def _enter(self, container: Any) -> tuple[Any, Iterator[_Item]]:
        self._budget.check_time()
        self._known[id(container)] = container, None
        if kind_of(type(container)) is Kind.ARRAY and has_plain_bytes(container):
            return _of_array(container), iter(())
        if (pairs := pairs_of(container)) is not None:
            keys = enumerate(pairs)
            names = sorted((self._name(key), place, item) for place, (key, item) in keys)
            return hashlib.sha256(b"{"), ((name, item) for name, _, item in names)
        if isinstance(container, set | frozenset):  # whose order is another one in each process
            members = sorted(self.of(item) for item in container)
            return _joined(b"[", (b"," + member for member in members)), iter(())
        if (items := items_of(container)) is not None:
            return hashlib.sha256(b"["), ((b",", item) for item in items)
        return hashlib.sha256(_digest(container)), iter(())

    def _name(self, key: Any) -> bytes:
        """The digest of a key: two keys have two, if only their types differ too."""
        if isinstance(key, str):
            if len(key) < _LONG:
                return _digest_of_name(key)
            if id(key) not in self._names:
                self._names[id(key)] = key, _digest_of_name(key)
            return self._names[id(key)][1]
        kind = type(plain_item(key) if is_of_numpy(key) else key).__name__
        digest: bytes = _joined(b"key", (kind.encode(), b":", self.of(key))).digest()
        return digest


def _digest_of_name(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


def _joined(begin: bytes, parts: Iterable[bytes]) -> Any:
    digest = hashlib.sha256(begin)
    for part in parts:
        digest.update(part)
    return digest


def _of_array(array: Any) -> Any:
    """An array of numbers or texts: its bytes in the order of its items."""
    digest = hashlib.sha256(f"{array.dtype.newbyteorder('<').str}{array.shape}".encode())
    digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return digest


def _digest(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray):
        digest: bytes = _joined(b"bytes", (bytes(value),)).digest()
        return digest
    found = value if isinstance(value, int) else single(value)
    if isinstance(found, int) and not isinstance(found, bool):
        text = f"{found:x}".encode()  # which has no limit of digits, as decimals have
    else:
        text = json.dumps(found).encode()
    return hashlib.sha256(text).digest()
