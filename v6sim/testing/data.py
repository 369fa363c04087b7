"""Federations made of data: one organization for each table."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from v6sim.node.folders import new_folder
from v6sim.sandbox.arguments import shown
from v6sim.world import Algorithm, World
from v6sim.world.nearest import nearest
from v6sim.world.path import has_scheme, why_no_file
from v6sim.world.secrets import without_passwords
from v6sim.world.sqlite_address import WrongAddress, existing_address

if TYPE_CHECKING:
    import pandas as pd

    Table: TypeAlias = pd.DataFrame | Sequence[Mapping[str, Any]] | str | Path
    """A frame, a list of rows, the path of a file, or the address of a database."""

USER, PASSWORD = "developer", "Developer-1"


class WrongData(ValueError):
    """The data are none of the kinds that can be used; the text says what is."""


@contextmanager
def world_of(
    data: "Mapping[str, Table] | Sequence[Table]",
    algorithms: Mapping[str, Algorithm] | None = None,
) -> Iterator[World]:
    """A world of one collaboration, with an organization and its node for each table.

    The user `developer` is a Researcher of the first organization. Files that have to be written
    are gone when the context is left.

    Args:
        data: tables by the names of their organizations, or only tables.
        algorithms: what image names stand for; those that come with v6sim are always there.

    Raises:
        WrongData: something is no table.
    """
    tables = _tables(data)
    folder = new_folder("data")
    try:
        places = {
            name: _place_of(table, name, folder / f"{number}.csv")
            for number, (name, table) in enumerate(tables.items())
        }
        yield World.of(_description(places, algorithms or {}))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tables(data: Any) -> dict[str, Any]:
    """Tables by the names of their organizations.

    Raises:
        WrongData: there are none, or a name is none.
    """
    if isinstance(data, str | Path) or _is_frame(data):
        raise WrongData(
            f"data={without_passwords(shown(data))} is a single table: put each organization's "
            "into a list [...], or a dict by name"
        )
    if isinstance(data, Mapping):
        tables = dict(data)
    elif isinstance(data, Sequence):
        tables = {f"organization {number}": table for number, table in enumerate(data, 1)}
    else:
        raise WrongData(f"data={shown(data)}: a list of tables, or a dict by name, is expected")
    if not tables:
        raise WrongData("there are no data: at least one table is needed")
    for name in tables:
        if not isinstance(name, str) or not name.strip():
            raise WrongData(f"data: {shown(name)} is no name of an organization; expected a text")
    if not isinstance(data, Mapping) and all(isinstance(row, Mapping) for row in data):
        raise WrongData(
            "data are the rows of a single table: put each organization's rows into a list of "
            "their own: [[{...}, ...], ...]"
        )
    return tables


def _is_frame(value: object) -> TypeGuard["pd.DataFrame"]:
    return type(value).__name__ == "DataFrame" and hasattr(value, "to_csv")


def _place_of(table: Any, name: str, file: Path) -> str:
    """Return the address of a database, or the file that a table is in."""
    if not isinstance(table, str) or not has_scheme(table):
        return str(file_of(table, name, file))
    try:
        return existing_address(table, Path.cwd())
    except WrongAddress as error:
        shown_address = without_passwords(table)
        raise WrongData(f"the data of {name!r}: {shown_address!r} {error}") from None


def _description(places: Mapping[str, str], algorithms: Mapping[str, Algorithm]) -> dict[str, Any]:
    user = {"username": USER, "password": PASSWORD, "roles": ["Researcher"]}
    first = next(iter(places))
    return {
        "organizations": [
            {"name": name, "users": [user] if name == first else []} for name in places
        ],
        "collaborations": [
            {
                "name": "all",
                "encrypted": False,
                "participants": [
                    {"name": name, "databases": {"default": place}}
                    for name, place in places.items()
                ],
            }
        ],
        "algorithms": {name: each.model_dump() for name, each in algorithms.items()},
    }


def file_of(table: Any, name: str, place: Path) -> Path:
    """The file that a table is in; what is none yet is written."""
    if isinstance(table, str) and not table.strip():
        raise WrongData(f"the data of {name!r}: {table!r} names nothing; a file is expected")
    if isinstance(table, str | Path):
        return _existing(Path(table).expanduser(), name)
    frame = table if _is_frame(table) else _frame(table, name)
    if not len(frame.columns):
        raise WrongData(f"the data of {name!r} have no columns: a table needs at least one")
    frame.to_csv(place, index=False)
    return place


def _existing(path: Path, name: str) -> Path:
    if path.is_dir():
        raise WrongData(f"the data of {name!r}: {path} is a folder; name the file in it")
    if path.exists() and (why := why_no_file(path)):
        raise WrongData(f"the data of {name!r}: {path} {why}, and name that")
    if not path.is_file():
        near = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        meant = nearest(path.name, near)
        hint = f"; did you mean {meant!r}?" if meant else ""
        raise WrongData(f"the data of {name!r}: there is no file {path}{hint}")
    return path.absolute()


def _frame(rows: Any, name: str) -> "pd.DataFrame":
    import pandas as pd

    expected = "a pandas DataFrame, a list of dicts (the rows) or the path of a CSV file"
    if not isinstance(rows, Sequence):
        raise WrongData(f"the data of {name!r} are {shown(rows)}; {expected} is expected")
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise WrongData(
                f"the data of {name!r}: row {number} is {shown(row)}, not a dict; {expected} is "
                "expected"
            )
    return pd.DataFrame(list(rows))
