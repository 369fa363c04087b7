"""Sizes in bytes: their limits, and how people write and read them."""

import re
from typing import Final

KIB: Final = 2**10
MIB: Final = 2**20

MAX_RESULT: Final = 256 * MIB
"""The largest result of a run, unless a setting says otherwise."""
MAX_INPUT: Final = 64 * MIB
"""The largest input of a run, unless a setting says otherwise."""
MAX_LOG: Final = 10 * MIB
"""The longest log of a run, unless a setting says otherwise."""

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")
_FACTORS: dict[str, int] = {
    **dict.fromkeys(("", "b", "byte", "bytes"), 1),
    **{unit.lower(): KIB**power for power, unit in enumerate(_UNITS, 1)},
    **{unit: 1000**power for power, unit in enumerate(("kb", "mb", "gb", "tb", "pb"), 1)},
}
_SIZE = re.compile(r"\s*([0-9]{1,20}(?:\.[0-9]{1,20})?)\s*([a-z]*)\s*", re.ASCII | re.IGNORECASE)
_LARGEST = 2**53


def parse_size(value: object) -> int:
    """Return the number of bytes that a setting names.

    Args:
        value: a whole number of bytes, or a text such as `256 MiB`, `1.5 GiB`, or `500 kB`.

    Raises:
        ValueError: it names no size, or a size below one byte.
    """
    size = _number(value)
    if size is None or not 1 <= size <= _LARGEST:
        raise ValueError("expected a size of one byte or more, such as 1000000 or 256 MiB")
    return int(size)


def _number(value: object) -> float | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    factor = _FACTORS.get(found[2].lower()) if found else None
    if found is None or factor is None:
        return None
    number = float(found[1]) if "." in found[1] else int(found[1])
    return number * factor


def format_size(size: int) -> str:
    """Return a size as people read it: `512 bytes`, `1.5 KiB`, `256 MiB`."""
    if size < KIB:
        return f"{size} byte{'' if size == 1 else 's'}"
    value, unit = size / KIB, _UNITS[0]
    for larger in _UNITS[1:]:
        if value < KIB - 0.5:
            break
        value, unit = value / KIB, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def describe_excess(what: str, size: int, limit: int, setting: str) -> str:
    """Return the text of an error: something is larger than a setting allows.

    Args:
        what: the thing, such as `result`.
        size: its size.
        limit: the largest size that is allowed.
        setting: the setting that says so.
    """
    sizes = format_size(size), format_size(limit)
    if sizes[0] == sizes[1]:  # rounded, the two are the same
        sizes = f"{size} bytes", f"{limit} bytes"
    return f"{what} is {sizes[0]}; limit is {sizes[1]} ({setting})"
