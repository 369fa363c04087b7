"""The listing of what left as JSON, made by a worker process."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from v6sim.egress.entries import Entry
from v6sim.egress.row import row_of
from v6sim.runtime.worker_process import Job

SECONDS = 10.0
"""How long reading and checking all entries may take."""

_MOST_CHARACTERS = 40_000_000
"""Of all contents together; those that come after that are shown by their beginnings."""

LISTING = Job("v6sim.egress.listing:list_entries", seconds=120, memory=4 * 2**30)
"""What a worker process does. Local data may be large, and take a while to be read at first."""

UNREAD = "not-fully-checked"


@dataclass(frozen=True)
class Options:
    """What a listing shows.

    Args:
        names: names of organizations, by id.
        min_count: counts below it are found; None for the default.
        full: whether contents are shown whole, and as values.
        longest: characters of a content; None for all that are shown.
    """

    names: Mapping[int, str]
    min_count: int | None = None
    full: bool = False
    longest: int | None = None


def list_entries(options: Options, entries: Iterator[Entry]) -> bytes:
    """Return the rows of entries as a JSON array; a worker process does this.

    Args:
        options: what is shown.
        entries: what left, the oldest first.
    """
    from v6sim.egress.inspection import inspect, within

    found = inspect(entries, options.names, None, options.min_count)
    rows, left = [], _MOST_CHARACTERS
    for each in within(found, SECONDS):
        try:
            row = each.row(full=options.full and left > 0, longest=options.longest)
            text = json.dumps(row)
        except Exception as error:  # one entry that cannot be shown does not hide the others
            row = _unread(each.entry, options, f"{type(error).__name__}: {error!s:.200}")
            text = json.dumps(row)
        left -= len(text)
        rows.append(text)
    return f"[{', '.join(rows)}]".encode()


def list_unread(options: Options, entries: Iterable[Entry], why: str) -> bytes:
    """Return the rows of entries whose contents nobody could read.

    Args:
        options: what is shown.
        entries: what left, the oldest first.
        why: why they could not.
    """
    rows = [_unread(entry, options, why) for entry in entries]
    return json.dumps(rows).encode()


def _unread(entry: Entry, options: Options, why: str) -> dict[str, Any]:
    from v6sim.egress.reading import unread

    reading = unread(why)
    row = row_of(entry, options.names, reading)
    row["findings"] = [
        {"rule": UNREAD, "text": f"only a part of it was checked: {why}", "where": ""}
    ]
    return row
