"""`v6sim run --matrix`: the same run on many federations, each a folder of CSV files."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import Any

from v6sim.cli import outcome
from v6sim.cli.attempt import Attempt, Audience, Trial, as_json
from v6sim.cli.dry_run import tables
from v6sim.cli.failures import WRONG_USE, Mistake
from v6sim.cli.request import Request
from v6sim.client import ApiError
from v6sim.node.errors import BuildFailed, NodeError
from v6sim.world import WorldError

_WIDTH = 60  # characters of results in the table


@dataclass(frozen=True)
class Row:
    """What came of one folder.

    Args:
        folder: which.
        organizations: how many.
        seconds: how long it took, with the start of its federation.
        attempt: what came of it; None if it could not be run.
        error: why not.
    """

    folder: Path
    organizations: int
    seconds: float
    attempt: Attempt | None = None
    error: str = ""

    @property
    def said(self) -> str:
        """How it went, in a word."""
        if self.attempt is None:
            return "error"
        if failed := outcome.failures(self.attempt.ran.task):
            return failed[0][1].status
        return "completed" if self.attempt.is_good else "not as pooled"

    def document(self) -> dict[str, Any]:
        """As programs are told."""
        what = as_json(self.attempt) if self.attempt else {"error": self.error}
        return {"folder": str(self.folder), "seconds": self.seconds, **what}


def run(request: Request, audience: Audience) -> int:
    """Run it for each folder, whatever comes of the others; returns the exit code."""
    folders = [(folder, _files(folder)) for folder in _folders(request.matrix)]
    rows, unbuilt = list[Row](), ""
    for folder, files in folders:
        audience.begin(str(folder))
        try:
            row = Row(folder, len(files), 0, error=unbuilt)
            rows.append(row if unbuilt else _run(request, audience, folder, files))
        except BuildFailed as error:  # as it would at each further folder
            unbuilt = error.summary
            rows.append(replace(row, error=str(error)))
    if request.junit:
        from v6sim.cli import junit

        junit.write(request.junit, request.algorithm, [_case(row, request) for row in rows])
    if not request.as_json:
        _print(rows)
    audience.conclude({"matrix": [row.document() for row in rows]})
    codes = {row.attempt.code(request) if row.attempt else WRONG_USE for row in rows}
    return next((code for code in (WRONG_USE, 1, *sorted(codes)) if code in codes), 0)


def _folders(patterns: Sequence[str]) -> list[Path]:
    found: dict[Path, None] = {}
    for pattern in patterns:
        whole = str(Path(pattern).expanduser())
        places = [whole] if Path(whole).is_dir() else sorted(glob(whole))  # noqa: PTH207
        folders = [Path(place) for place in places if Path(place).is_dir()]
        if not folders:
            raise Mistake(
                f"--matrix {pattern}: there is no such folder; name some, such as 'data/*/'"
            )
        found.update(dict.fromkeys(folders))
    return list(found)


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise Mistake(f"--matrix: there is no CSV file in the folder {folder}")
    return files


def _run(request: Request, audience: Audience, folder: Path, files: list[Path]) -> Row:
    begun = time.perf_counter()
    row = Row(folder, len(files), 0)
    try:
        with Trial(request, tables(files), audience) as trial:
            row = replace(row, attempt=trial.attempt())
    except BuildFailed:
        raise
    except (Mistake, NodeError, ApiError, WorldError) as error:
        row = replace(row, error=str(error))
    return replace(row, seconds=time.perf_counter() - begun)


def _case(row: Row, request: Request) -> Any:
    from v6sim.cli import junit

    name, kind = str(row.folder), f"{request.algorithm}.{request.method}"
    failure = junit.failure_of(row.attempt) if row.attempt else ""
    return junit.Case(name, kind, row.seconds, failure=failure, error=row.error)


def _print(rows: list[Row]) -> None:
    from rich.console import Console

    from v6sim.cli.printing import print_table

    console = Console()
    console.print()
    columns = ("folder", "organizations", "outcome", "seconds", "result")
    print_table(console, columns, [_cells(row) for row in rows])
    good = sum(row.attempt is not None and row.attempt.is_good for row in rows)
    console.print(f"{good} of {len(rows)} are good", highlight=False)


def _cells(row: Row) -> tuple[str, ...]:
    result = row.error
    if row.attempt:
        task = row.attempt.ran.task
        results = [outcome.shown(run, _WIDTH) for run in task.runs] if task.is_good else []
        result = "; ".join(results)
    short = " ".join(result.split())
    cut = short if len(short) <= _WIDTH else short[: _WIDTH - 3] + "..."
    return str(row.folder), str(row.organizations), row.said, f"{row.seconds:.2f}", cut
