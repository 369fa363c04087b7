"""`v6sim split`: cut one CSV file into those of several organizations."""

import csv
import io
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer

from v6sim.cli import failures
from v6sim.cli.failures import Mistake
from v6sim.runtime.atomic_file import create_atomically


def split(
    data: Annotated[Path, typer.Argument(metavar="CSV", help="The file with all rows.")],
    organizations: Annotated[int, typer.Option(min=1, help="How many parts to make.")] = 2,
    by: Annotated[
        Literal["random", "column", "skew"],
        typer.Option(
            help="random: evenly; column: rows of one value stay together; skew: sorted by a "
            "column, each part half as large as the one before it."
        ),
    ] = "random",
    column: Annotated[
        str | None, typer.Option(metavar="NAME", help="The column, for --by column and skew.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same parts.")] = 0,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; default: beside the file.")
    ] = None,
) -> None:
    """Cut a CSV file into parts, one for each organization, named like the file with a number."""
    with failures.clear_failures():
        from v6sim.cli.files import data_file
        from v6sim.testing.split import CannotSplit
        from v6sim.testing.split import split as cut

        header, rows = _read(data_file("CSV", data))
        values = _values(data, header, rows, by, column)
        try:
            parts = cut(values, organizations, by, seed)
        except CannotSplit as error:
            raise Mistake(f"{data}: {error}") from None
        folder = to or data.parent
        if folder.exists() and not folder.is_dir():
            raise Mistake(f"--to {folder}: is a file; name a folder, which is made if need be")
        paths = [folder / f"{data.stem}-{number + 1}.csv" for number in range(organizations)]
        if there := [path for path in paths if path.exists()]:
            raise Mistake(f"{there[0]} is there already: remove it, or choose another --to DIR")
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            for path, part in zip(paths, parts, strict=True):
                _write(path, header, [rows[row] for row in part])
                undo.callback(path.unlink)
            undo.pop_all()
        for path, part in zip(paths, parts, strict=True):
            typer.echo(f"{path}: {len(part)} rows")


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = [line for line in csv.reader(file) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Mistake(f"{path} is no CSV file in UTF-8: {error}") from None
    if not lines:
        raise Mistake(f"{path} is empty: a first line with the names of the columns is expected")
    return lines[0], lines[1:]


def _values(
    path: Path, header: list[str], rows: list[list[str]], by: str, column: str | None
) -> list[str]:
    if by == "random":
        return [""] * len(rows)
    if column is None:
        raise Mistake(f"--by {by} needs --column NAME; there are: {', '.join(header)}")
    if column not in header:
        raise Mistake(f"{path} has no column {column!r}; there are: {', '.join(header)}")
    place = header.index(column)
    return [row[place] if place < len(row) else "" for row in rows]


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    create_atomically(path, text.getvalue().encode())
