"""An entry as JSON, for programs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from v6sim.egress.entries import DROPPED, Entry
from v6sim.node.departures import REFUSED
from v6sim.wire.containers import as_text
from v6sim.wire.printing import LONGEST

if TYPE_CHECKING:
    from v6sim.egress.reading import Reading

_LONGEST_NAME = 100  # characters
_SHORT = 200  # characters of a content that is not shown in full


def receivers_of(entry: Entry, names: Mapping[int, str]) -> list[str]:
    """Names of those an entry is for.

    Args:
        entry: what left.
        names: names of organizations, by id.
    """
    found = [
        names[key] if type(key) is int and key in names else _named(key)
        for key in entry.receivers  # algorithms may name anything
    ]
    return found or ["server"]


def _named(key: Any) -> str:
    text = as_text(key.__repr__)[:_LONGEST_NAME]
    return f"organization {text}" if type(key) is int else text


def row_of(
    entry: Entry, names: Mapping[int, str], reading: "Reading", *, full: bool = False,
    longest: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return an entry with its content, before anything is checked.

    Args:
        entry: what left.
        names: names of organizations, by id.
        reading: its content.
        full: whether with all of the content that is shown; else with its beginning.
        longest: how many characters of it, if that is less.
    """
    most = LONGEST if full else _SHORT
    shown = reading.beginning(most if longest is None else min(most, longest))
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "organization": entry.origin.organization,
        "collaboration": entry.origin.collaboration,
        "node": entry.origin.node,
        "task": entry.task_id,
        "run": entry.run_id,
        "what": entry.kind,
        "has_left": entry.kind not in (REFUSED, DROPPED),
        "to": receivers_of(entry, names),
        "receivers": [key for key in entry.receivers if type(key) is int],
        "bytes": entry.size,
        "times": entry.times,
        "format": reading.form,
        "content": shown.text,
        "is_cut": bool(shown.stopped),
        "stopped": reading.stopped or (shown.stopped if full else "") or None,
        "problem": reading.problem or None,
        "findings": [],
        "unchecked": [],
    }
