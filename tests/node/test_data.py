"""A node's databases."""

from pathlib import Path

import pytest

from v6sim.node.data import Databases
from v6sim.node.errors import MissingDatabase


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("a\n1\n")
    return path


@pytest.mark.parametrize("label", ["default", "", None])
def test_a_task_that_names_none_gets_the_default(file: Path, label: str | None) -> None:
    assert Databases({"default": file}).pick(label).uri == str(file)


def test_a_relative_path_counts_from_the_working_directory(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert Databases({"default": "data.csv"}).pick("default").uri == str(file)


def test_an_address_is_handed_through() -> None:
    database = Databases({"web": "http://data.example/sparql"}).pick("web")
    assert database.uri == "http://data.example/sparql"
    assert not database.is_file


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("a.csv", "csv"),
        ("a.txt", "csv"),
        ("a.parquet", "parquet"),
        ("a.XLSX", "excel"),
        ("https://data.example/sparql", "sparql"),
        ("HTTP://data.example/sparql", "sparql"),
        ("postgresql://db.example/x", "sql"),
    ],
)
def test_the_type_follows_from_the_name(uri: str, kind: str) -> None:
    (database,) = Databases({"x": uri})
    assert database.type == kind


def test_a_relative_address_of_sqlite_counts_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (database,) = Databases({"x": "sqlite:///my.db?timeout=5"})
    assert database.uri == f"sqlite:///{tmp_path}/my.db?timeout=5"


def test_a_missing_label_lists_those_there_are(file: Path) -> None:
    with pytest.raises(MissingDatabase, match="no database 'b'; its databases are: a, default"):
        Databases({"a": file, "default": file}).pick("b")
    with pytest.raises(MissingDatabase, match="no database 'default'; its databases are: none"):
        Databases({}).pick("")


def test_a_missing_file_is_named(file: Path) -> None:
    databases = Databases({"default": file})
    file.unlink()
    with pytest.raises(MissingDatabase, match=r"database 'default' is .*data\.csv, which is not"):
        databases.pick("default")
