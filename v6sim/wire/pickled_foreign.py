"""What a pickle holds of objects that the reader does not make, as fields of placeholders."""

from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.foreign import (
    ARGUMENTS,
    ENTRIES,
    ITEMS,
    NAMED_ARGUMENTS,
    STATE,
    ForeignObject,
)

__all__ = ["ENTRIES", "ITEMS"]

CONTAINERS, VALUES, BYTES = 3, 8, 800
"""What a placeholder takes: containers in each other, values once it is written out, memory."""

_OF_AN_ENTRY = 100
_OLD_NAMES = {"__builtin__": "builtins", "exceptions": "builtins", "copy_reg": "copyreg"}
"""Names of Python 2, which protocols up to 2 use."""

_PAIR = 2


def shown(module: str) -> str:
    """Return the name of a module as people know it."""
    return _OLD_NAMES.get(module, module)


def named(name: str, module: str) -> str:
    """Return the name of a type as people know it."""
    return "int" if (module, name) == ("__builtin__", "long") else name


def is_look_up(function: ForeignObject, args: tuple[Any, ...]) -> bool:
    """Return whether a call looks up an attribute, as pickles do for what a class has in it."""
    return (function.module, function.type) == ("builtins", "getattr") and len(args) == _PAIR


def made(kind: ForeignObject, args: tuple[Any, ...], kwargs: Any, of: Any) -> ForeignObject:
    """Return a placeholder for an object.

    Args:
        kind: its type, or the function that makes it.
        args: the arguments it is made of, by position.
        kwargs: those by name, if there are any.
        of: the object that is called; None for what has a name.
    """
    fields: dict[str, Any] = {}
    if of is not None:
        fields["call"] = of
    if args:
        fields[ARGUMENTS] = args
    if kwargs:
        fields[NAMED_ARGUMENTS] = kwargs
    return ForeignObject(kind.type, kind.module, fields)


def part_of(found: ForeignObject, name: str, kind: type) -> Any:
    """Return the list or dict in a placeholder that is filled; it is made if it is not there."""
    part = found.fields.get(name)
    if type(part) is not kind:
        part = found.fields[name] = kind()
    return part


def set_state(budget: Budget, found: ForeignObject, state: Any) -> None:
    """Put a state into a placeholder: the attributes by their names, if it has such.

    Args:
        budget: what is counted.
        found: the placeholder.
        state: attributes, or a pair of those in the dict and those in slots, or anything.
    """
    fields = found.fields
    parts = state if _is_pair(state) else (state,)
    if not all(part is None or _has_names(part) for part in parts):
        fields[_free(fields, STATE)] = state
        return
    for part in parts:
        if part is None:
            continue
        budget.take_values(len(part))
        budget.take_bytes(_OF_AN_ENTRY * len(part))
        for name, value in part.items():
            fields[_free(fields, name) if name in _UNNAMED else name] = value


_UNNAMED = (ARGUMENTS, NAMED_ARGUMENTS, ITEMS, ENTRIES, STATE)


def _free(fields: dict[str, Any], name: str) -> str:
    """A name for a field, where one of what has no name is there already."""
    return f"({name})" if name in fields else name


def _is_pair(state: Any) -> bool:
    return type(state) is tuple and len(state) == _PAIR and type(state[1]) is dict


def _has_names(part: Any) -> bool:
    return type(part) is dict and all(type(name) is str for name in part)
