"""The datasets that the genuine mocks of 3.x take, and what is not theirs."""

import shutil
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from v6sim.runtime.extras import EXCEL, PARQUET
from v6sim.sandbox.arguments import shown
from v6sim.testing.data import WrongData, file_of
from v6sim.world.path import has_scheme

_OF_4 = (
    "v6sim's mock is the one of vantage6 3.x yet, for which each organization has one table; "
    "datasets of 4.x are lists of descriptions with `db_type`"
)
_KEYS = {"database", "db_type", "db_input", "type", "query", "sheet_name", "preprocessing"}
"""Of a description; a table with a column `database` has others too."""
_PACKED = (".gz", ".bz2", ".zip", ".xz", ".zst", ".tar", ".tgz")
"""Endings of files that pandas unpacks."""


def check_datasets(datasets: Any) -> list[Any]:
    """Return the datasets as a list.

    Raises:
        WrongData: it is a single table, or of the form of another generation.
    """
    if isinstance(datasets, str | PathLike | Mapping) or not isinstance(datasets, Sequence):
        raise WrongData(
            f"datasets={shown(datasets)}: a list is expected, with a table of each organization"
        )
    for number, dataset in enumerate(datasets):
        if _is_of_4(dataset):
            raise WrongData(
                f"datasets[{number}] is {shown(dataset)}. {_OF_4}. For MockAlgorithmClient write "
                "{'database': ..., 'type': 'csv'} instead; for ClientMockProtocol the table, or "
                "the path of its CSV file"
            )
    return list(datasets)


def _is_of_4(dataset: Any) -> bool:
    """Return whether it is of the form of 4.x, rather than rows of a table."""
    if isinstance(dataset, list | tuple):
        return any(is_description(each) and not {*each} - _KEYS for each in dataset)
    return is_description(dataset) and "db_type" in dataset


def check_plain(datasets: Sequence[Any]) -> None:
    """Make sure that no dataset is a description, which only the newer mock takes.

    Raises:
        WrongData: one is.
    """
    for number, dataset in enumerate(datasets):
        if is_description(dataset):
            raise WrongData(
                f"datasets[{number}] is {shown(dataset)}, as MockAlgorithmClient takes it; "
                "ClientMockProtocol takes the table, or the path of its CSV file"
            )


def is_description(dataset: object) -> bool:
    """Return whether it says where a table is, rather than being one."""
    return isinstance(dataset, Mapping) and "database" in dataset


def described_table(dataset: Any) -> Any:
    """Return the table, or the path of its CSV file, that a description names.

    Raises:
        WrongData: it is of a type that is not read here, or says none.
    """
    if not is_description(dataset):
        return dataset
    database = dataset["database"]
    if not isinstance(database, str | PathLike):
        return database
    if "type" not in dataset:
        raise WrongData(
            f"the dataset {shown(dataset)} does not say which 'type' the database has: csv, excel "
            "or parquet is expected"
        )
    import pandas as pd

    kind, given = str(dataset["type"]).lower(), dataset.get("db_input") or {}
    if kind == "csv":
        return database
    if kind == "parquet":
        PARQUET.check()
        return pd.read_parquet(database)
    if kind == "excel":
        EXCEL.check()
        return pd.read_excel(database, sheet_name=given.get("sheet_name", 0))
    raise WrongData(
        f"the database {shown(database)} is of type {kind!r}; csv, excel and parquet are read "
        "here: hand over a data frame of what the query gives"
    )


def write_table(table: Any, name: str, file: Path) -> None:
    """Write a table to a CSV file, as it is at this moment.

    Args:
        table: a frame, rows, the path or URL of a CSV file, or such a file that is open.
        name: of its organization.
        file: where to.

    Raises:
        WrongData: it is no table.
    """
    file.unlink(missing_ok=True)
    if isinstance(table, PathLike):
        table = Path(table)
    if _is_for_pandas(table):
        import pandas as pd

        table = pd.read_csv(table)
    found = file_of(table, name, file)
    if found != file:
        shutil.copyfile(found, file)


def _is_for_pandas(table: object) -> bool:
    """Return whether it is no plain file, but something that pandas reads as one."""
    if isinstance(table, str) and has_scheme(table):
        return True
    is_packed = isinstance(table, str | Path) and Path(table).suffix.lower() in _PACKED
    return (is_packed and Path(str(table)).is_file()) or hasattr(table, "read")
