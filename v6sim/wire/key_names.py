"""Names of keys: as JSON has them, where keys are texts; two keys never share one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.containers import as_text
from v6sim.wire.foreign import ForeignObject
from v6sim.wire.limits import UnreadablePayload

_LONGEST_SHOWN = 100

_Pairs = Iterable[tuple[Any, Any]]


def written(write: Any) -> str:
    """Return what a value that is used writes of itself.

    Raises:
        UnreadablePayload: it cannot be written.
    """
    try:
        return str(write())
    except MemoryError:
        raise
    except Exception as error:
        kind = type(write.__self__).__name__
        text = f"a {kind} in it cannot be written as a text: {error!s:.100}"
        raise UnreadablePayload(text) from error


def has_foreign(key: Any, budget: Budget) -> bool:
    """Return whether a key is a placeholder, or a tuple or frozen set with one in it.

    Args:
        key: the key.
        budget: what is counted: its parts, as often as it refers to them.

    Raises:
        PayloadTooLarge: it has too many parts.
    """
    waiting = [key]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ForeignObject):
            return True
        if isinstance(part, tuple | frozenset):
            budget.take_values(len(part))
            waiting.extend(part)
    return False


def size_of_text(key: Any, budget: Budget) -> int:
    """Return how many bytes a tuple or frozen set takes as a text.

    Args:
        key: the key.
        budget: what is counted: its parts, as often as it refers to them.

    Raises:
        PayloadTooLarge: it has too many parts.
    """
    known: dict[int, tuple[int, bool]] = {}
    characters, is_ascii = 0, True
    waiting = [iter(key)]
    while waiting:
        for part in waiting[-1]:
            budget.take_values()
            characters += 4
            if type(part) in (tuple, frozenset):
                budget.check_depth(len(waiting))
                characters += 20
                waiting.append(iter(part))
                break
            if id(part) not in known:
                if isinstance(part, int) and part.bit_length() > 3.32 * budget.limits.digits:
                    raise budget.too_many_digits()
                text = as_text(part.__repr__)
                known[id(part)] = len(text), text.isascii()
            length, is_plain = known[id(part)]
            characters += length
            is_ascii = is_ascii and is_plain
        else:
            waiting.pop()
    return characters if is_ascii else 4 * characters


def distinct(pairs: _Pairs, name_of: Callable[[Any], str]) -> Iterator[tuple[str, Any]]:
    """Return items with names of their own: the second "1" is "1 (int)", or "1 (2)".

    Args:
        pairs: keys and items.
        name_of: gives the name of a key.
    """
    known: set[str] = set()
    numbers = Counter[str]()
    for key, item in pairs:
        name = name_of(key)
        if name in known:
            name = _another(name, key, known, numbers)
        known.add(name)
        yield name, item


def _another(name: str, key: Any, known: set[str], numbers: Counter[str]) -> str:
    """A name that none has; each number of a name is tried once."""
    found = f"{name} ({type(key).__name__})"
    while found in known:
        numbers[name] += 1
        found = f"{name} ({numbers[name] + 1})"
    return found


def distinct_names(keys: Sequence[Any], name_of: Callable[[Any], str]) -> list[str]:
    """Return names of all keys; those of two that would be the same say of which type each is.

    The names do not depend on the order of keys whose types differ.
    """
    names = [name_of(key) for key in keys]
    alike = {name for name, count in Counter(names).items() if count > 1}
    if not alike:
        return names
    typed = (
        f"{name} ({type(key).__name__})" if name in alike and type(key) is not str else name
        for key, name in zip(keys, names, strict=True)
    )
    return [name for name, _ in distinct(((name, None) for name in typed), str)]


def have_one_name(pairs: _Pairs, name_of: Callable[[Any], str]) -> UnreadablePayload:
    """The error for keys that JSON cannot tell apart."""
    known: dict[str, Any] = {}
    for key, _ in pairs:
        name = name_of(key)
        if name in known:
            both = f"{known[name]!r:.{_LONGEST_SHOWN}} and {key!r:.{_LONGEST_SHOWN}}"
            text = f"it has two keys that are one name in JSON, {both}, so that one would be lost"
            return UnreadablePayload(text)
        known[name] = key
    return UnreadablePayload("it has keys that are one name in JSON")
