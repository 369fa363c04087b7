"""`v6sim run --matrix`: one federation after another, each a folder of CSV files."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.commands import v6sim

SUM = ("--method", "master")


@pytest.fixture
def folders(project: Path) -> Path:
    """The folders `one` and `two`, of one and two organizations."""
    for folder, files in {"one": {"a": "1\n"}, "two": {"a": "2\n", "b": "3\n"}}.items():
        place = project / "data" / folder
        place.mkdir(parents=True)
        for name, rows in files.items():
            (place / f"{name}.csv").write_text(f"x\n{rows}")
    return project


@pytest.mark.parametrize("given", [["data/*/"], ["data/one/", "data/two/"]], ids=str)
def test_each_folder_is_a_federation(folders, given) -> None:
    said = v6sim("run", "./my-algorithm", *SUM, "--matrix", *given, cwd=folders)
    assert said.returncode == 0, said.stderr
    rows = [line.split() for line in said.stdout.splitlines() if line.startswith("data/")][-2:]
    assert [(row[0], row[1], row[2], row[4]) for row in rows] == [
        ("data/one", "1", "completed", "1"), ("data/two", "2", "completed", "5"),
    ]  # fmt: skip
    assert said.stdout.rstrip().endswith("2 of 2 are good")


def test_a_folder_that_fails_fails_it_all_but_stops_nothing(folders) -> None:
    (folders / "data" / "one" / "a.csv").write_text("y\n1\n")
    report = folders / "report.xml"
    said = v6sim(
        "run", "./my-algorithm", *SUM, "--matrix", "data/*", "--json", "--junit", report,
        cwd=folders,
    )  # fmt: skip
    assert said.returncode == 1
    one, two = json.loads(said.stdout)["matrix"]
    assert one["folder"] == "data/one"
    assert one["task"]["subtasks"][0]["runs"][0]["status"] == "crashed"
    assert (two["folder"], two["task"]["runs"][0]["result"]) == ("data/two", 5)
    suite = ET.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    bad, good = suite.findall("testcase")
    assert (bad.get("name"), good.get("name")) == ("data/one", "data/two")
    assert "KeyError: 'x'" in bad.findtext("failure", "")
    assert good.find("failure") is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--matrix", "gone/*/"], "--matrix gone/*/: there is no such folder"),
        (["--matrix", "my-algorithm"], "there is no CSV file in the folder my-algorithm"),
        (["--matrix", "data/*/", "--data", "north.csv"], "--matrix and --data do not go together"),
        (["--data", "north.csv", "south.csv"], "south.csv: what is this?"),
    ],
)
def test_a_mistake_is_said_clearly(folders, given, expected) -> None:
    said = v6sim("run", "./my-algorithm", *SUM, *given, cwd=folders)
    assert said.returncode == 2
    assert expected in said.stderr
