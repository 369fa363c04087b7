"""Federations made of data: one organization for each table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from v6sim.world import Algorithm, World

if TYPE_CHECKING:
    import pandas as pd

    Table: TypeAlias = pd.DataFrame | Sequence[Mapping[str, Any]] | str | Path
    """A frame, a list of rows, or the path of a CSV file."""

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
    if isinstance(data, Mapping):
        tables = dict(data)
    else:
        tables = {f"organization {number}": table for number, table in enumerate(data, 1)}
    if not tables:
        raise WrongData("there are no data: at least one table is needed")
    with TemporaryDirectory(prefix="v6sim-data-") as folder:
        files = {
            name: file_of(table, name, Path(folder) / f"{number}.csv")
            for number, (name, table) in enumerate(tables.items())
        }
        yield World.of(_description(files, algorithms or {}))


def _description(files: Mapping[str, Path], algorithms: Mapping[str, Algorithm]) -> dict[str, Any]:
    user = {"username": USER, "password": PASSWORD, "roles": ["Researcher"]}
    first = next(iter(files))
    return {
        "organizations": [
            {"name": name, "users": [user] if name == first else []} for name in files
        ],
        "collaborations": [
            {
                "name": "all",
                "encrypted": False,
                "participants": [
                    {"name": name, "databases": {"default": str(file)}}
                    for name, file in files.items()
                ],
            }
        ],
        "algorithms": {name: each.model_dump() for name, each in algorithms.items()},
    }


def file_of(table: Any, name: str, place: Path) -> Path:
    """The file that a table is in; what is none yet is written."""
    import pandas as pd

    if isinstance(table, str | Path):
        path = Path(table)
        if not path.is_file():
            raise WrongData(f"the data of {name!r}: there is no file {path}")
        return path.absolute()
    if isinstance(table, pd.DataFrame):
        table.to_csv(place, index=False)
    elif isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table):
        pd.DataFrame(list(table)).to_csv(place, index=False)
    else:
        raise WrongData(
            f"the data of {name!r} are a {type(table).__name__}; a pandas DataFrame, a list of "
            "dicts (the rows) or the path of a CSV file is expected"
        )
    return place
