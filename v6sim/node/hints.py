"""What a node says in the log of a run about mistakes that cost people time."""

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from v6sim.node.data import Database
from v6sim.node.executors.base import Outcome
from v6sim.wire.statuses import is_failed

_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}
_HEAD = 2**16
"""Bytes of a file in which its first line has to end."""

_CHUNK = 2**20
_AROUND = 12
"""Characters shown on either side of one that is not UTF-8."""

_CANNOT_DECODE = re.compile(r"UnicodeDecodeError|codec can't decode")
_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
_NO_FILE = re.compile(r"(?:FileNotFound|Permission)Error: .*'((?:/mnt/data|/app)(?:/[^']*)?)'")
_NO_QUERY = re.compile(r"the input needs a `query`")
_NOT_FOUND = re.compile(r"method '(RPC_(\w+))' not found")


def hints(outcome: Outcome, database: Database, *, on_this_host: bool = True) -> Iterator[str]:
    """Lines about how a run ended, and about the data that it was given.

    Args:
        outcome: how it ended.
        database: its data.
        on_this_host: whether it ran without its image.
    """
    if on_this_host and is_failed(outcome.status):
        yield from _about_libraries(outcome.log)
    if database.is_file and database.type == "csv":
        path = Path(database.uri)
        try:
            seen = path.stat()
            yield from _about_separator(path, seen.st_mtime_ns, seen.st_size)
            if is_failed(outcome.status) and _CANNOT_DECODE.search(outcome.log):
                yield from _about_encoding(path)
        except OSError:  # it is gone, as the log says
            pass
    if is_failed(outcome.status) and _NO_QUERY.search(outcome.log):
        yield (
            "the query is a part of the input, beside its method: --input query=... (`v6sim run`), "
            'input_={"query": ...} (`sandbox.run`)'
        )
    found = _NOT_FOUND.search(outcome.log)
    if found and is_failed(outcome.status) and "the module offers" not in outcome.log:
        yield (
            f"{found[1]!r} was called, as for a partial; if {found[2]!r} is a master, it has to be "
            'asked for as one: --master (`v6sim run`), master=True (Python), or "master": true in '
            "the input"
        )


def _about_libraries(log: str) -> Iterator[str]:
    """Hints about what an image has, and the place where it ran had not."""
    missing = _NO_MODULE.findall(log)
    if missing and not missing[-1].startswith("vantage6"):
        yield (
            f"{missing[-1]!r} is not installed where the algorithm ran: install there what its "
            "setup.py or requirements.txt names, or name an interpreter that has it by --python "
            "(`python` of the algorithm); --executor docker builds and runs its image"
        )
    if path := _NO_FILE.search(log):
        yield (
            f"{path[1]!r} is a path in the containers of nodes: without --executor docker there "
            "is none unless it is made here"
        )


@lru_cache(maxsize=64)
def _about_separator(path: Path, _changed: int, _size: int) -> tuple[str, ...]:
    """A hint if the first line of a CSV file has no comma, but something else between names."""
    with path.open("rb") as file:
        line = file.read(_HEAD).partition(b"\n")[0].decode(errors="replace").rstrip("\r")
    found = [separator for separator in _SEPARATORS if separator in line]
    if "," in line or not found:
        return ()
    separator = max(found, key=line.count)
    shown = line if len(line) <= 4 * _AROUND else line[: 4 * _AROUND] + "..."
    hint = (
        f"{path.name} has no comma in its first line, {shown!r}: its separator seems to be "
        f"{_SEPARATORS[separator]}. Wrappers read CSV files with commas, and make one column of "
        "this; save it with commas"
    )
    return (hint,)


def _about_encoding(path: Path) -> Iterator[str]:
    """A hint if a file is not UTF-8: where, and what it would be as Latin-1."""
    decoder, place, line = codecs.getincrementaldecoder("utf-8")(), 0, 1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            try:
                line += decoder.decode(chunk).count("\n")
            except UnicodeDecodeError as error:
                pending = len(error.object) - len(chunk)
                line += error.object[: error.start].count(b"\n")
                yield _not_utf_8(path, error, place - pending + error.start, line)
                return
            place += len(chunk)


def _not_utf_8(path: Path, error: UnicodeDecodeError, place: int, line: int) -> str:
    content, at = error.object, error.start
    name, shown = "UTF-16", ""
    if at or not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        begin = max(at - _AROUND, content.rfind(b"\n", 0, at) + 1, 0)
        around = content[begin : at + _AROUND].decode("latin-1").splitlines()[0]
        name, shown = "LATIN1", f": as Latin-1 it would read {around!r} there"
    return (
        f"{path.name} is not UTF-8: byte {place} (line {line}) is 0x{content[at]:02x}{shown}. "
        f"Wrappers read UTF-8; save it as that, as by `iconv -f {name} -t UTF-8 {path.name}`"
    )
