"""A federated result against the one on all rows together."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from v6sim.sandbox import AnySandbox, Sandbox, WrongArgument
from v6sim.sandbox.arguments import check_sandbox, shown
from v6sim.wire.plain import plain

POOLED = "all rows"
"""The organization that holds all rows."""


@dataclass(frozen=True)
class Difference:
    """Where two results differ.

    Args:
        field: such as `coefficients[2]`; empty for the whole.
        federated: what the federation gave.
        pooled: what all rows together gave.
    """

    field: str
    federated: Any
    pooled: Any

    def __str__(self) -> str:
        """As messages show it."""
        return f"{self.field or 'the result'}: {self.federated!r}, pooled {self.pooled!r}"


class ResultsDiffer(AssertionError):
    """The federated result is not the pooled one.

    Args:
        differences: where they differ.
    """

    def __init__(self, differences: Sequence[Difference]) -> None:
        listed = "".join(f"\n  {each}" for each in differences)
        super().__init__(f"the federated result is not that of all rows together:{listed}")
        self.differences = list(differences)


def differences(
    federated: Any, pooled: Any, *, relative: float = 1e-9, absolute: float = 0.0
) -> list[Difference]:
    """Where two results differ, field by field.

    Args:
        federated: one of them; numbers and tables of NumPy and pandas count as plain ones.
        pooled: the other one.
        relative: by what part of the larger one numbers may differ.
        absolute: by how much they may differ in any case.
    """
    close = Tolerance(relative, absolute)
    return list(_compare("", plain(federated), plain(pooled), close))


@dataclass(frozen=True)
class Tolerance:
    """By how much numbers may differ."""

    relative: float
    absolute: float

    def holds(self, one: float, other: float) -> bool:
        """Whether two numbers are close enough; what is no number is equal to itself."""
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=self.relative, abs_tol=self.absolute)


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
    if found := differences(federated, expected, relative=relative, absolute=absolute):
        raise ResultsDiffer(found)
    return federated


def pooled_rows(sandbox: AnySandbox, database: str = "default") -> pd.DataFrame:
    """The rows of all organizations of the sandbox's first collaboration, one after another.

    Args:
        sandbox: the federation.
        database: label of the data; its files have to be CSV files.
    """
    participants = sandbox.world.collaborations[0].participants
    return rows_of(each.databases[database] for each in participants if each.databases)


def rows_of(files: Iterable[str | Path]) -> pd.DataFrame:
    """The rows of CSV files, one after another."""
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def _run_alone(
    rows: pd.DataFrame,
    algorithm: str | Path | ModuleType,
    method: str,
    sandbox: AnySandbox,
    options: Mapping[str, Any],
) -> Any:
    from v6sim.testing.data import world_of

    kept = {name: value for name, value in options.items() if name in ("master", "args", "kwargs")}
    with world_of({POOLED: rows}, sandbox.world.algorithms) as world, Sandbox(world) as alone:
        return alone.run(algorithm, method, **kept).result


def _compare(field: str, one: Any, other: Any, close: Tolerance) -> Iterator[Difference]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            name = f"{field}.{key}" if field else str(key)
            missing = object()
            left, right = one.get(key, missing), other.get(key, missing)
            if left is missing or right is missing:
                yield Difference(name, one.get(key, "(none)"), other.get(key, "(none)"))
            else:
                yield from _compare(name, left, right, close)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _compare(f"{field}[{number}]", left, right, close)
    elif _are_numbers(one, other):
        if not close.holds(one, other):
            yield Difference(field, one, other)
    elif one != other:
        yield Difference(field, one, other)


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
