"""What algorithms get of databases of each type, by v6sim's own wrapper."""

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from v6sim.node.executors.inside import data, wrapper
from v6sim.wire import payload

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRAME = pd.DataFrame({"age": [1, 3]})


@pytest.mark.parametrize("name", ["data.csv", "data.parquet", "data.xlsx", "data"])
async def test_a_file_is_read_by_its_type(inline: "Bench", tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix == ".parquet":
        FRAME.to_parquet(path)
    elif path.suffix == ".xlsx":
        FRAME.to_excel(path, index=False)
    else:
        FRAME.to_csv(path, index=False)
    value = await inline.value("mean", column="age", databases={"default": path})
    assert value == {"mean": 2.0, "rows": 2}


class Endpoint(BaseHTTPRequestHandler):
    """Answers the one query that it knows, in CSV."""

    def do_GET(self) -> None:
        known = parse_qs(urlsplit(self.path).query)["query"] == ["SELECT ?age WHERE {}"]
        is_csv = self.headers["Accept"] == "text/csv"
        self.send_response(200 if known and is_csv else 400)
        self.end_headers()
        self.wfile.write(b"age\n1\n3\n")

    def log_message(self, *_: object) -> None:
        """It has nothing to say."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/sparql"
        server.shutdown()
        thread.join()


async def test_a_sparql_endpoint_answers_the_query_of_the_input(
    inline: "Bench", endpoint: str
) -> None:
    given = {"method": "mean", "kwargs": {"column": "age"}, "query": "SELECT ?age WHERE {}"}
    content = payload.serialize(given)
    value = await inline.value("", content=content, databases={"default": endpoint})
    assert value == {"mean": 2.0, "rows": 2}


async def test_a_sparql_endpoint_without_a_query_is_a_crash_that_says_so(inline: "Bench") -> None:
    outcome = await inline.run("mean", databases={"default": "http://127.0.0.1:9/sparql"})
    assert outcome.status == "crashed"
    assert "the input needs a `query` for it" in outcome.log


async def test_what_cannot_be_read_is_a_crash_that_says_what_can(inline: "Bench") -> None:
    outcome = await inline.run("mean", algorithm_env={"DEFAULT_DATABASE_TYPE": "omop"})
    assert outcome.status == "crashed"
    assert "is of type 'omop'; read are csv, excel, parquet, sparql, sql" in outcome.log


async def test_an_sql_database_is_asked_the_query_of_the_input(
    inline: "Bench", tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "data.db")) as database, database:
        database.execute("CREATE TABLE people (age)")
        database.executemany("INSERT INTO people VALUES (?)", [(1,), (3,)])
    given = {"method": "mean", "kwargs": {"column": "age"}, "query": "SELECT age FROM people"}
    address = f"sqlite:///{tmp_path / 'data.db'}"
    found = await inline.value("", content=payload.serialize(given), databases={"default": address})
    assert found == {"mean": 2.0, "rows": 2}
    outcome = await inline.run("mean", databases={"default": address})
    assert "an SQL database: the input needs a `query`" in outcome.log


async def test_another_case_of_a_scheme_makes_no_difference(inline: "Bench", endpoint: str) -> None:
    given = {"method": "mean", "kwargs": {"column": "age"}, "query": "SELECT ?age WHERE {}"}
    address = endpoint.replace("http", "HTTP")
    value = await inline.value("", content=payload.serialize(given), databases={"default": address})
    assert value == {"mean": 2.0, "rows": 2}


@pytest.mark.parametrize(
    ("address", "query", "said"),
    [
        ("http://127.0.0.1:9/sparql", "", "the database is a SPARQL endpoint: the input needs a"),
        ("http://127.0.0.1:9/sparql", "x", "ConnectionRefusedError: [Errno 111] Connection refuse"),
        ("sqlite:////tmp", "SELECT 1", "OperationalError: unable to open database file"),
        ("foo://x", "SELECT 1", "'foo' is the scheme of no database that sqlalchemy knows"),
        ("file:///a.csv", "SELECT 1", "'file' is the scheme of no database that sqlalchemy knows"),
    ],
)
async def test_what_cannot_be_asked_is_told_in_one_line(
    inline: "Bench", address: str, query: str, said: str
) -> None:
    content = payload.serialize({"method": "mean", "kwargs": {"column": "age"}, "query": query})
    outcome = await inline.run("", content=content, databases={"default": address})
    assert outcome.status == "crashed"
    assert f"\nerror > database 'default' ({address}) cannot be read: {said}" in outcome.log
    assert len([line for line in outcome.log.splitlines() if line.startswith("error >")]) == 1
    assert "Traceback" not in outcome.log
    assert "inside" not in outcome.log


@pytest.mark.parametrize("name", ["data.xlsx", "data.parquet", "data.csv"])
async def test_a_broken_file_is_told_in_one_line(inline: "Bench", name: str) -> None:
    broken = inline.file(name, b"PK\x03\x04\xff" * 9)
    outcome = await inline.run("mean", column="age", databases={"default": broken})
    assert outcome.status == "crashed"
    assert f"error > database 'default' ({broken}) cannot be read: " in outcome.log.splitlines()[-1]
    assert "Traceback" not in outcome.log


@pytest.mark.parametrize(
    "address",
    [
        "http://ada:s3cret@127.0.0.1:9/sparql",
        "http://127.0.0.1:9/sparql?token=s3cret",
        "foo://ada:s3cret@host/x",
        "foo://ada:a/s3cret@host/x",
    ],
)
async def test_no_log_has_a_password(inline: "Bench", address: str) -> None:
    content = payload.serialize({"method": "mean", "kwargs": {"column": "age"}, "query": "x"})
    outcome = await inline.run("", content=content, databases={"default": address})
    assert "info > reading " in outcome.log
    assert "***" in outcome.log
    assert "s3cret" not in outcome.log


async def test_the_library_that_is_missing_is_named(
    inline: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    content = payload.serialize({"method": "mean", "query": "x"})
    address = {"default": "postgresql+psycopg://ada:s3cret@127.0.0.1:9/x"}
    outcome = await inline.run("", content=content, databases=address)
    assert "reading these data needs psycopg, which is missing (" in outcome.log
    assert "sqlalchemy" not in outcome.log


async def test_what_pandas_says_of_a_library_is_cut_to_its_first_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("pyarrow", "fastparquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(data.Unreadable, match="needs pyarrow, which is missing") as caught:
        data.read_parquet(str(tmp_path / "data.parquet"), {})
    assert "\n" not in str(caught.value)


async def test_what_an_algorithms_own_reader_raises_is_left_as_it_is() -> None:
    def load(uri: str, given: object) -> object:
        raise ValueError("of its own")

    with pytest.raises(ValueError, match="of its own"):
        wrapper._read(load, "data.csv", {})
    with pytest.raises(wrapper.Stop):
        wrapper._read(data.read_csv, "/gone.csv", {})
