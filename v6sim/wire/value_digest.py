"""Digests of values: two that are equal as JSON have the same, however they share their parts."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import Kind, items_of, kind_of, pairs_of, single
from v6sim.wire.limits import PayloadLimits
from v6sim.wire.text_styles import name_of

_LONG = 1_000  # bytes

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


class _Digester:
    """Makes the digest of one value out of those of its parts."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._known: dict[int, tuple[Any, bytes | None]] = {}
        """Of each container by its id, which nothing else has as long as it is here."""

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
        if kind_of(type(container)) is Kind.ARRAY and not container.dtype.hasobject:
            return _of_array(container), iter(())
        if (pairs := pairs_of(container)) is not None:
            names = sorted((_name(key), place, item) for place, (key, item) in enumerate(pairs))
            return hashlib.sha256(b"{"), ((name, item) for name, _, item in names)
        if (items := items_of(container)) is not None:
            return hashlib.sha256(b"["), ((b",", item) for item in items)
        return hashlib.sha256(_digest(container)), iter(())


def _of_array(array: Any) -> Any:
    """An array of numbers or texts: its bytes in the order of its items."""
    digest = hashlib.sha256(f"{array.dtype.newbyteorder('<').str}{array.shape}".encode())
    digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return digest


def _name(key: Any) -> bytes:
    name = key if isinstance(key, str) else name_of(key)
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


def _digest(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray):
        return hashlib.sha256(b"bytes" + value).digest()
    found = value if isinstance(value, int) else single(value)
    if isinstance(found, int) and not isinstance(found, bool):
        text = f"{found:x}".encode()  # which has no limit of digits, as decimals have
    else:
        text = json.dumps(found).encode()
    return hashlib.sha256(text).digest()
