"""What an algorithm is handed as its data: what each wrapper of `vantage6.tools` reads."""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# Its server is what the owner of the data has named:
# ruff: noqa: S310

import io
import json
import os
import urllib.parse
import urllib.request
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Mapping, Optional

from .printing import error, info

Reader = Callable[[str, Mapping[str, Any]], Any]
"""Reads a database: its path or address, and the input of the run."""


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

    with _library("sqlalchemy"):
        return pd.read_sql(_query(given, "an SQL database"), uri)


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
    """Where pandas lacks a library to read something with, end with a line that names it."""
    try:
        yield
    except ImportError as problem:
        error(f"reading these data needs {name}, which is missing ({problem}): pip install it here")
        raise SystemExit(1) from problem


def _query(given: Mapping[str, Any], what: str) -> str:
    query = given.get("query")
    if not query:
        raise ValueError(f"the database is {what}: the input needs a `query` for it")
    return str(query)


def read_by_type(uri: str, given: Mapping[str, Any]) -> Any:
    """A database of whatever type the node says it is.

    Raises:
        ValueError: that type is not known.
    """
    label = os.environ.get("USER_REQUESTED_DATABASE_LABEL", "default")
    kind = os.environ.get(label.upper() + "_DATABASE_TYPE", "csv").lower()
    info(f"reading {uri} as {kind}")
    if kind not in OF_TYPES:
        known = ", ".join(sorted(OF_TYPES))
        raise ValueError(f"database {label!r} is of type {kind!r}; read are {known}")
    return OF_TYPES[kind](uri, given)


def all_addresses(uri: str, given: Mapping[str, Any]) -> Dict[str, str]:
    """The path or address of each database of the node, by its label."""
    del uri, given
    labels = json.loads(os.environ["DB_LABELS"])
    return {label: os.environ[label.upper() + "_DATABASE_URI"] for label in labels}


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
