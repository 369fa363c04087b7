"""A federated result against the one on all rows together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from v6sim.sandbox import AnySandbox, Sandbox, WrongArgument
from v6sim.sandbox.arguments import check_sandbox, shown
from v6sim.sandbox.task_arguments import STARTING
from v6sim.testing.result_comparison import Difference, differences, listed
from v6sim.wire.limits import to_use
from v6sim.world.path import has_scheme
from v6sim.world.secrets import without_passwords

__all__ = [
    "Difference", "ResultsDiffer", "compare_with_pooled", "differences", "listed", "pooled_rows",
]  # fmt: skip

POOLED = "all rows"
"""The organization that holds all rows."""

_KEPT = ("master", "args", "kwargs", "input_", "trust_results", *STARTING)
"""Options of a run that mean the same where one organization holds all rows."""

_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}


class ResultsDiffer(AssertionError):
    """The federated result is not the pooled one.

    Args:
        differences: where they differ.
    """

    def __init__(self, differences: Sequence[Difference]) -> None:
        text = f"the federated result is not that of all rows together:{listed(differences)}"
        super().__init__(text)
        self.differences = list(differences)


def compare_with_pooled(
    sandbox: AnySandbox, algorithm: str | Path | ModuleType, method: str, *,
    pooled: Callable[[pd.DataFrame], Any] | None = None, database: str = "default",
    relative: float = 1e-9, absolute: float = 0.0, **options: Any,
) -> Any:  # fmt: skip
    """Run an algorithm on the federation and on all its rows together; returns the result.

    Args:
        sandbox: the federation.
        algorithm: as for `sandbox.run`, and so are method and options.
        method: what to call.
        pooled: gives what is to come out from all rows together; without it the same task is run
            on a federation of one organization that holds them.
        database: label of the data.
        relative: by what part of the larger one numbers may differ.
        absolute: by how much they may differ in any case.
        options: as for `sandbox.run`.

    Raises:
        ResultsDiffer: they are not the same; it says where.
        AlgorithmFailed: one of the runs has failed.
        WrongArgument: an argument cannot be what it is, or data are in no CSV file.
    """
    check_sandbox(sandbox, "compare_with_pooled")
    if pooled is not None and not callable(pooled):
        raise WrongArgument(
            f"pooled={shown(pooled)}: a function is expected, which gets all rows as a DataFrame"
        )
    for name, value in (("relative", relative), ("absolute", absolute)):
        if not isinstance(value, int | float) or not value >= 0:
            raise WrongArgument(f"{name}={shown(value)}: a number, at least 0, is expected")
    federated = sandbox.run(algorithm, method, database=database, **options).result
    rows = pooled_rows(sandbox, database)
    expected = pooled(rows) if pooled else _run_alone(rows, algorithm, method, sandbox, options)
    limits = to_use(sandbox.max_payload_values)
    if found := differences(
        federated, expected, relative=relative, absolute=absolute, limits=limits
    ):
        raise ResultsDiffer(found)
    return federated


def pooled_rows(sandbox: AnySandbox, database: str = "default") -> pd.DataFrame:
    """The rows of all organizations of the sandbox's first collaboration, one after another.

    Args:
        sandbox: the federation.
        database: label of the data; its files have to be CSV files.

    Raises:
        WrongArgument: one is none.
    """
    participants = sandbox.world.collaborations[0].participants
    return rows_of(each.databases[database] for each in participants if each.databases)


def rows_of(files: Iterable[str | Path]) -> pd.DataFrame:
    """The rows of CSV files, one after another.

    Raises:
        WrongArgument: one is no CSV file, or has no column of the first one.
    """
    tables = [(file, _rows(file)) for file in files]
    for file, table in tables[1:]:
        _check_columns(*tables[0], file, table)
    return pd.concat([table for _, table in tables], ignore_index=True)


def _check_columns(
    first: str | Path, expected: pd.DataFrame, file: str | Path, table: pd.DataFrame
) -> None:
    if not set(expected.columns) & set(table.columns):
        parts = [
            f"{place} has " + ", ".join(repr(str(name)) for name in columns)
            for place, columns in ((first, expected.columns), (file, table.columns))
        ]
        hints = _about_separator(first, expected) + _about_separator(file, table)
        raise WrongArgument(
            f"{first} and {file} have no column in common, so that their rows are not pooled: "
            f"{'; '.join(parts)}{hints}"
        )


def _about_separator(file: str | Path, table: pd.DataFrame) -> str:
    """A hint if the only column of a file holds what seems to separate columns."""
    if len(table.columns) != 1:
        return ""
    name = str(table.columns[0])
    found = [separator for separator in _SEPARATORS if separator in name]
    if not found:
        return ""
    separator = max(found, key=name.count)
    return (
        f". The separator of {file} seems to be {_SEPARATORS[separator]}: save it with commas, "
        "which wrappers read"
    )


def _rows(file: str | Path) -> pd.DataFrame:
    try:
        if not has_scheme(str(file)):
            return pd.read_csv(file)
        why = "is the address of a database"
    except ValueError as error:  # so is what says that a text is not in UTF-8
        why = f"cannot be read as a CSV file in UTF-8 ({error})"
    raise WrongArgument(
        f"{without_passwords(str(file))} {why}: rows are pooled from CSV files, so that all "
        "organizations need one each"
    ) from None


def _run_alone(
    rows: pd.DataFrame,
    algorithm: str | Path | ModuleType,
    method: str,
    sandbox: AnySandbox,
    options: Mapping[str, Any],
) -> Any:
    from v6sim.testing.data import world_of

    kept = {name: value for name, value in options.items() if name in _KEPT}
    most = sandbox.max_payload_values
    settings = {} if most is None else {"max_payload_values": most}
    with (
        world_of({POOLED: rows}, sandbox.world.algorithms) as world,
        Sandbox(world, settings=settings) as alone,
    ):
        return alone.run(algorithm, method, **kept).result
