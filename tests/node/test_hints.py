"""What a node says in the log about data that are not what wrappers read."""

from pathlib import Path

import pytest

from v6sim.node.data import Database
from v6sim.node.executors.base import Outcome
from v6sim.node.hints import hints
from v6sim.wire.statuses import RunStatus

FAILED = Outcome(RunStatus.CRASHED, "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xfc\n")
GOOD = Outcome(RunStatus.COMPLETED, "info > writing the output\n")


def said(path: Path, content: bytes, outcome: Outcome = GOOD) -> list[str]:
    path.write_bytes(content)
    return list(hints(outcome, Database("default", str(path))))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"name;age\nx;40\n", "';'"),
        (b"name\tage\r\nx\t40\r\n", "a tab"),
        (b"name|age|sex\nx|40|f\n", "'|'"),
        (b"name;age;x|y\n", "';'"),
    ],
)
def test_a_table_of_one_column_that_holds_separators_is_told(
    content: bytes, name: str, tmp_path: Path
) -> None:
    [hint] = said(tmp_path / "data.csv", content)
    assert f"its separator seems to be {name}" in hint
    assert "data.csv" in hint


@pytest.mark.parametrize(
    "content", [b"name,age\nx,40\n", b"age\n40\n", b"a;b,c\n1,2\n", b"", b"\n"]
)
def test_other_tables_are_not_told(content: bytes, tmp_path: Path) -> None:
    assert said(tmp_path / "data.csv", content) == []


def test_what_is_no_csv_is_not_looked_at(tmp_path: Path) -> None:
    assert said(tmp_path / "data.parquet", b"name;age\n") == []
    assert list(hints(FAILED, Database("default", "http://127.0.0.1/sparql"))) == []
    assert list(hints(FAILED, Database("default", str(tmp_path / "gone.csv")))) == []


@pytest.mark.parametrize("before", [b"", b"\xc3\xa9,1\n" * 300_000])
def test_what_is_not_utf_8_is_told_with_its_place(before: bytes, tmp_path: Path) -> None:
    content = b"name,age\n" + before + "Müller,40\n".encode("latin-1")
    [hint] = said(tmp_path / "data.csv", content, FAILED)
    place, line = content.index(b"\xfc"), content.count(b"\n")
    assert f"byte {place} (line {line}) is 0xfc: as Latin-1 it would read 'Müller,40'" in hint
    assert "iconv -f LATIN1" in hint


def test_what_is_utf_16_is_told(tmp_path: Path) -> None:
    [hint] = said(tmp_path / "data.csv", "name,age\n".encode("utf-16"), FAILED)
    assert "iconv -f UTF-16" in hint


def test_an_encoding_is_told_only_where_it_was_the_matter(tmp_path: Path) -> None:
    assert said(tmp_path / "data.csv", "name\nMüller\n".encode("latin-1")) == []


@pytest.mark.parametrize(
    ("log", "is_told"),
    [
        ("warn > method 'RPC_total' not found!\n", True),
        ("warn > the module offers: RPC_x\nwarn > method 'RPC_total' not found!\n", False),
        ("warn > method 'total' not found!\n", False),
    ],
)
def test_a_partial_that_is_not_there_may_be_a_master(
    log: str, is_told: bool, tmp_path: Path
) -> None:
    found = said(tmp_path / "data.csv", b"a,b\n", Outcome(RunStatus.CRASHED, log))
    assert ["--master" in hint for hint in found] == [True] * is_told


@pytest.mark.parametrize(
    ("log", "named"),
    [
        ("ModuleNotFoundError: No module named 'requests'\n", "'requests' is not installed"),
        ("ModuleNotFoundError: No module named 'a.b'\n", "'a.b' is not installed"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/mnt/data/x'", "'/mnt/data/x'"),
        ("PermissionError: [Errno 13] Permission denied: '/app'\n", "'/app' is a path"),
    ],
)
def test_what_only_its_image_has_is_told_where_it_failed(
    log: str, named: str, tmp_path: Path
) -> None:
    [hint] = said(tmp_path / "data.csv", b"age\n1\n", Outcome(RunStatus.CRASHED, log))
    assert named in hint
    assert "--executor docker" in hint
    assert said(tmp_path / "data.csv", b"age\n1\n", Outcome(RunStatus.COMPLETED, log)) == []
    database = Database("default", str(tmp_path / "data.csv"))
    assert list(hints(Outcome(RunStatus.CRASHED, log), database, on_this_host=False)) == []


def test_stand_ins_have_hints_of_their_own(tmp_path: Path) -> None:
    log = "ModuleNotFoundError: No module named 'vantage6.tools.gone'\n"
    assert said(tmp_path / "data.csv", b"age\n1\n", Outcome(RunStatus.CRASHED, log)) == []
