"""A file that keeps a ledger, for a node whose server runs elsewhere: JSON lines."""

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from v6sim.egress.entries import Entry, Origin
from v6sim.egress.ledger import Ledger
from v6sim.node.departures import Departure
from v6sim.runtime.atomic_file import append_atomically


class UnreadableFile(ValueError):
    """A file that keeps no ledger; the text says where."""


def begin(path: Path) -> None:
    """Make the file if it is not there; only its owner may read what left.

    Raises:
        OSError: it cannot be made.
    """
    path.touch(mode=0o600)


def write(path: Path, entry: Entry, content: bytes, names: Mapping[int, str]) -> None:
    """Add a line for an entry.

    Args:
        path: the file (see `begin`).
        entry: what to write.
        content: its content, which a ledger may have let go already.
        names: of the organizations that are known.
    """
    line = {
        "at": entry.at.isoformat(),
        "origin": asdict(entry.origin),
        "kind": entry.kind,
        "run": entry.run_id,
        "task": entry.task_id,
        "parent": entry.parent_id,
        "receivers": entry.receivers,
        "names": {key: names[key] for key in entry.receivers if key in names},
        "content": base64.b64encode(content).decode(),
    }
    append_atomically(path, json.dumps(line).encode() + b"\n")


def read(path: Path) -> tuple[Ledger, dict[int, str]]:
    """The ledger in a file, and the names of organizations that are known from it.

    Raises:
        UnreadableFile: it is something else.
        OSError: it cannot be read.
    """
    names: dict[int, str] = {}
    ledger = Ledger(sys.maxsize, sys.maxsize)
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                _note(ledger, names, json.loads(text))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise UnreadableFile(
                    f"{path}:{number} is no entry of a ledger ({error!r}): give a file that "
                    "`v6sim node --egress` wrote"
                ) from None
    return ledger, names


def _note(ledger: Ledger, names: dict[int, str], row: dict[str, Any]) -> None:
    names.update({int(key): str(name) for key, name in row["names"].items()})
    departure = Departure(
        0, row["run"], row["kind"], tuple(row["receivers"]), base64.b64decode(row["content"]),
        row["task"], row["parent"],
    )  # fmt: skip
    ledger.note(departure, Origin(**row["origin"]), datetime.fromisoformat(row["at"]))
