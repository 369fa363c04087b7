"""Entries and data to look at."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from v6sim.egress.entries import Entry, Origin
from v6sim.node.departures import Departure

Write = Callable[[str, Iterable[str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a CSV file: its header and its rows."""

    def make(header: str, rows: Iterable[str], name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return make


def departure(kind: Any = "result", content: bytes = b"", **more: Any) -> Departure:
    given = {"node_id": 1, "run_id": 1, "receivers": (), "task_id": 1, **more}
    return Departure(kind=kind, content=content, **given)


def entry(kind: str, content: bytes | None) -> Entry:
    origin = Origin("north - trial Node", "north", "trial")
    made = Entry.of(1, datetime.now(UTC), origin, departure(kind, content or b""))
    made.content = content
    return made
