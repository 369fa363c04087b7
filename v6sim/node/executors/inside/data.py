"""What an algorithm is handed as its data: what each wrapper of `vantage6.tools` reads."""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# Its server is what the owner of the data has named:
# ruff: noqa: S310

import importlib
import io
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Mapping, Optional

from .printing import info

_PASSWORD = re.compile(r"(:/+[^/?#\s:@'\"]*):\S*@")
_NAMED_PASSWORD = re.compile(
    r"([?&;](?:passw|pwd|secret|token|api.?key)\w*=)[^&;\s]*", re.IGNORECASE
)

Reader = Callable[[str, Mapping[str, Any]], Any]
"""Reads a database: its path or address, and the input of the run."""


class Unreadable(ValueError):
    """Data cannot be read; the text says all that there is to say."""


def read_csv(uri: str, given: Mapping[str, Any]) -> Any:
    """A CSV file, as a pandas DataFrame."""
    del given
    import pandas as pd

    return pd.read_csv(uri)


def read_parquet(uri: str, given: Mapping[str, Any]) -> Any:
    """A Parquet file, as a pandas DataFrame."""
    del given
    import pandas as pd

    with _library("pyarrow"):
        return pd.read_parquet(uri)


def read_excel(uri: str, given: Mapping[str, Any]) -> Any:
    """A sheet of an Excel file, as a pandas DataFrame: the input's `sheet_name`, or the first."""
    import pandas as pd

    with _library("openpyxl"):
        return pd.read_excel(uri, sheet_name=given.get("sheet_name") or 0)


def read_sql(uri: str, given: Mapping[str, Any]) -> Any:
    """What an SQL database answers to the input's `query`, as a pandas DataFrame."""
    import pandas as pd

    query = _query(given, "an SQL database")
    with _library("sqlalchemy"):
        try:
            return pd.read_sql(query, uri)
        except Exception as problem:
            if type(problem).__name__ != "NoSuchModuleError":
                raise
            scheme = uri.partition("://")[0]
            raise Unreadable(
                f"{scheme!r} is the scheme of no database that sqlalchemy knows; known are such as "
                "postgresql://... and sqlite:///..., and a file is named by its path alone"
            ) from problem


def read_sparql(uri: str, given: Mapping[str, Any]) -> Any:
    """What a SPARQL endpoint answers to the input's `query`, as a pandas DataFrame."""
    import pandas as pd

    query = urllib.parse.urlencode({"query": _query(given, "a SPARQL endpoint")})
    asked = uri + ("&" if "?" in uri else "?") + query
    request = urllib.request.Request(asked, headers={"Accept": "text/csv"})
    with urllib.request.urlopen(request) as answer:
        return pd.read_csv(io.BytesIO(answer.read()))


@contextmanager
def _library(name: str) -> Iterator[None]:
    """Where pandas lacks a library to read something with, name it: this one, or what it needs."""
    try:
        yield
    except ImportError as problem:
        said = _first_line(problem)
        missing = problem.name if isinstance(problem, ModuleNotFoundError) else None
        if missing is None and _is_installed(name):  # it is too old, or lacks what is no module
            raise Unreadable(said) from problem
        raise Unreadable(
            f"reading these data needs {missing or name}, which is missing ({said}): pip install "
            "it here"
        ) from problem


def _is_installed(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def _query(given: Mapping[str, Any], what: str) -> str:
    query = given.get("query")
    if not query:
        raise Unreadable(f"the database is {what}: the input needs a `query` for it")
    return str(query)


def read_by_type(uri: str, given: Mapping[str, Any]) -> Any:
    """A database of whatever type the node says it is.

    Raises:
        Unreadable: that type is not known.
    """
    label = _label()
    kind = os.environ.get(label.upper() + "_DATABASE_TYPE", "csv").lower()
    info(f"reading {without_passwords(uri)} as {kind}")
    if kind not in OF_TYPES:
        known = ", ".join(sorted(OF_TYPES))
        raise Unreadable(f"database {label!r} is of type {kind!r}; read are {known}")
    return OF_TYPES[kind](uri, given)


def _label() -> str:
    return os.environ.get("USER_REQUESTED_DATABASE_LABEL", "default")


def all_addresses(uri: str, given: Mapping[str, Any]) -> Dict[str, str]:
    """The path or address of each database of the node, by its label."""
    del uri, given
    labels = json.loads(os.environ["DB_LABELS"])
    return {label: os.environ[label.upper() + "_DATABASE_URI"] for label in labels}


def is_own(reader: Reader) -> bool:
    """Whether a reader is one of v6sim's, rather than of an algorithm."""
    module = getattr(reader, "__module__", None) or ""
    return bool(module.rpartition(".")[0] == __name__.rpartition(".")[0])


def complaint(problem: BaseException, uri: str) -> str:
    """A line about a database that cannot be read: which one it is, and why."""
    return f"database {_label()!r} ({without_passwords(uri)}) cannot be read: " + _without(
        uri, _reason(problem)
    )


def _reason(problem: BaseException) -> str:
    if isinstance(problem, urllib.error.URLError) and isinstance(problem.reason, BaseException):
        problem = problem.reason
    for each in (problem, problem.__cause__):  # what a driver says is without the query
        problem = getattr(each, "orig", None) or problem
    said = _first_line(problem)
    if isinstance(problem, Unreadable):
        return said
    return f"{type(problem).__name__}: {said}" if said else type(problem).__name__


def _first_line(problem: BaseException) -> str:
    return next((line.strip() for line in str(problem).splitlines() if line.strip()), "")


def without_passwords(uri: str) -> str:
    """An address without the passwords in it: `postgresql://ada:***@host/data`."""
    return _NAMED_PASSWORD.sub(r"\1***", _PASSWORD.sub(r"\1:***@", uri))


def _without(uri: str, text: str) -> str:
    """A text without the passwords of an address, of which it may quote a part."""
    login = uri.partition("://")[2].rpartition("@")[0]
    password = login.partition(":")[2]
    if password:
        for written in {password, urllib.parse.unquote(password)}:
            text = text.replace(written + "@", "***@")
    return without_passwords(text)


OF_TYPES: Dict[str, Reader] = {
    "csv": read_csv, "excel": read_excel, "parquet": read_parquet, "sparql": read_sparql,
    "sql": read_sql,
}  # fmt: skip
"""What reads a database of each type, in the words of libraries from 3.8 on."""

OF_WRAPPERS: Dict[str, Reader] = {
    "auto_wrapper": read_by_type,
    "csv_wrapper": read_csv,
    "docker_wrapper": read_by_type,
    "excel_wrapper": read_excel,
    "multidb_wrapper": all_addresses,
    "parquet_wrapper": read_parquet,
    "sparql_docker_wrapper": read_sparql,
    "sparql_wrapper": read_sparql,
    "sql_wrapper": read_sql,
}
"""What the functions of `vantage6.tools` read, over all its versions."""

OF_CLASSES: Dict[str, Optional[Reader]] = {
    "WrapperBase": None,
    "CSVWrapper": read_csv,
    "CsvWrapper": read_csv,
    "DockerWrapper": read_csv,
    "ExcelWrapper": read_excel,
    "MultiDBWrapper": all_addresses,
    "ParquetWrapper": read_parquet,
    "SQLWrapper": read_sql,
    "SparqlDockerWrapper": read_sparql,
}
"""What its classes read; that of the base class is for others to say."""
