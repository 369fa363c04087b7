"""What algorithms get of databases of each type, by v6sim's own wrapper."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

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
