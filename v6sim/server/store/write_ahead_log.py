"""SQLite's write-ahead log: finding out whether all changes in it can be read.

SQLite passes over all that comes after the first frame that it cannot read, and removes the log
when it closes the database. That is right for a change that was cut off by the end of the program,
which is the last one. It is wrong for damage: then whole changes come after it.

Sources: https://www.sqlite.org/fileformat2.html#the_write_ahead_log and
https://www.sqlite.org/walformat.html#the_wal_index_file_format
"""

import struct
from collections.abc import Iterator
from pathlib import Path

_HEADER, _FRAME_HEADER, _INDEX_HEADER = 32, 24, 48  # bytes
_MOST_BYTES = 16 * 2**20  # of a log that is checked, which takes half a second
_WORD = 0xFFFFFFFF


def damage_of_log(database: Path) -> str:
    """Return what is wrong with the log of a database, and what to do; empty if nothing is.

    Args:
        database: its file, which nobody has open.
    """
    log = database.with_name(f"{database.name}-wal")
    if not log.is_file() or not _HEADER < log.stat().st_size <= _MOST_BYTES:
        return ""
    content = log.read_bytes()
    if _last_commit(content) == _last_readable_commit(content):
        return ""
    return (
        f"the changes in {log} cannot be read, or not all of them. Put copies of both in their "
        "places, or remove that file to go on without what is in it"
    )


def lost_tail(database: Path) -> str:
    """Return that changes at the end of a log are lost, which the last program has read; or empty.

    SQLite takes a log that ends too early for one whose end was never written, as after a power
    failure, and goes on without. Its index, which a program that was killed leaves, knows better.

    Args:
        database: its file, which nobody has open.
    """
    log, index = (database.with_name(f"{database.name}-{kind}") for kind in ("wal", "shm"))
    if not (log.is_file() and index.is_file()):
        return ""
    with log.open("rb") as opened:
        header = opened.read(_HEADER)
    with index.open("rb") as opened:
        known = opened.read(_INDEX_HEADER)
    if len(header) < _HEADER or len(known) < _INDEX_HEADER or known[32:40] != header[16:24]:
        return ""
    size = _FRAME_HEADER + int(struct.unpack(">I", header[8:12])[0])
    there = (log.stat().st_size - _HEADER) // size
    were = int(struct.unpack_from("=I", known, 16)[0])
    if there >= were:
        return ""
    return f"{log} has lost its end: it has {there} of {were} pages; the last changes are gone"


def _last_commit(content: bytes) -> int:
    """The number of the last frame that ends a change of this generation of the log."""
    salts = content[16:24]
    commits = [
        number
        for number, frame in _frames(content)
        if frame[8:16] == salts and frame[4:8] != bytes(4)
    ]
    return commits[-1] if commits else 0


def _last_readable_commit(content: bytes) -> int:
    """The same, up to the first frame that SQLite cannot read; -1 if it cannot read any."""
    order = ">" if content[3] & 1 else "<"
    sums = _checksum(order, content[:24], (0, 0))
    if sums != struct.unpack(">2I", content[24:32]):
        return -1
    last, salts = 0, content[16:24]
    for number, frame in _frames(content):
        sums = _checksum(order, frame[:8], sums)
        sums = _checksum(order, frame[_FRAME_HEADER:], sums)
        if frame[8:16] != salts or sums != struct.unpack(">2I", frame[16:24]):
            break
        if frame[4:8] != bytes(4):
            last = number
    return last


def _frames(content: bytes) -> Iterator[tuple[int, bytes]]:
    size = _FRAME_HEADER + int(struct.unpack(">I", content[8:12])[0])
    starts = range(_HEADER, len(content) - size + 1, size)
    return ((number, content[start : start + size]) for number, start in enumerate(starts, 1))


def _checksum(order: str, content: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for low, high in zip(words[::2], words[1::2], strict=True):
        first = (first + low + second) & _WORD
        second = (second + high + first) & _WORD
    return first, second
