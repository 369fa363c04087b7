"""Addresses of SQLite databases, which are files after all."""

import re
from pathlib import Path

from v6sim.world.path import absolute, why_no_file

_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+pysqlite)?)://(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_OF_SQLITE = "file:"
"""What SQLite's own form of an address begins with, where the query has `uri=true`."""


class WrongAddress(ValueError):
    """There is no database at an address; the text says why, and begins with a verb."""


def absolute_address(address: str, base: Path) -> str:
    """The address with the path of its file made absolute; any other address as it is.

    Args:
        address: of a database of any kind.
        base: the folder from which relative paths count.
    """
    start, path, end = _parts(address)
    is_elsewhere = not path or path == ":memory:" or path.startswith("//")
    return address if is_elsewhere else f"{start}{absolute(base, path)}{end}"


def existing_address(address: str, base: Path) -> str:
    """The same, of a file that is there.

    Raises:
        WrongAddress: it is not there, or no file.
    """
    found = _SQLITE.fullmatch(address)
    if found is None:
        return address
    scheme, rest = found["scheme"], found["rest"]
    if rest and not rest.startswith(("/", "?")):
        raise WrongAddress(
            f"has two slashes where three are expected: {scheme}:///{rest}, or four before an "
            "absolute path"
        )
    _, written, end = _parts(address)
    if not written or written == ":memory:" or "mode=memory" in end:
        raise WrongAddress(
            f"is a database in memory, which is empty; name a file, as in {scheme}:///data.db"
        )
    path = absolute(base, written)
    if path.is_dir():
        raise WrongAddress(f"leads to a folder ({path}); name the file in it")
    if not path.exists():
        raise WrongAddress(
            f"leads to no file (looked for {path}), and SQLite would make an empty database there"
        )
    if why := why_no_file(path):
        raise WrongAddress(f"leads to {path}, which {why}")
    return absolute_address(address, base)


def _parts(address: str) -> tuple[str, str, str]:
    """What is before the path of SQLite's file, the path, and what follows it; all may be empty."""
    found = _SQLITE.fullmatch(address)
    if found is None or not found["rest"].startswith("/"):
        return "", "", ""
    path, mark, query = found["rest"][1:].partition("?")
    start, end = f"{found['scheme']}:///", mark + query
    if path.startswith(_OF_SQLITE) and "uri=true" in query.lower():
        return start + _OF_SQLITE, path.removeprefix(_OF_SQLITE), end
    return start, path, end
