"""All that can go wrong at nodes, by name."""

from collections.abc import Mapping
from typing import Any

from v6sim.chance import build
from v6sim.sandbox.arguments import UnknownName
from v6sim.sandbox.faults import data, work
from v6sim.sandbox.faults.trouble import Trouble
from v6sim.world.nearest import choices

WORK: Mapping[str, type[Trouble]] = {
    "never_answers": work.NeverAnswers,
    "slow": work.Slow,
    "crashes": work.Crashes,
    "dies_in_run": work.DiesInRun,
    "loses_result": work.LosesResult,
    "garbles_result": work.GarblesResult,
    "doubles_result": work.DoublesResult,
    "reports_late": work.ReportsLate,
}
DATA: Mapping[str, type[Trouble]] = {
    "without_column": data.WithoutColumn,
    "no_rows": data.NoRows,
    "other_types": data.OtherTypes,
}
TROUBLES = {**WORK, **DATA}


def name_of(trouble: Trouble) -> str:
    """The name of a trouble."""
    return next(name for name, kind in TROUBLES.items() if kind is type(trouble))


def make(kind: str, options: Mapping[str, Any]) -> Trouble:
    """A trouble by its name.

    Args:
        kind: which.
        options: its fields.

    Raises:
        UnknownName: there is none of that name.
        WrongFault: it has no such field, or that has no such value.
    """
    if kind not in TROUBLES:
        raise UnknownName(f"nodes have no trouble {kind!r}; {choices(kind, TROUBLES)}")
    return build(TROUBLES[kind], kind, options)
