"""The files that `v6sim run` writes on the way: for CI, and to see where the time went."""

import json
import os
import subprocess
import xml.etree.ElementTree as ET

import pytest

from tests.commands import PATIENCE, V6SIM
from tests.e2e.test_run import run

NOISY = """
def RPC_noisy(data):
    print("\\x1b[31mred\\x00 <&>")
    if len(data) > 2:
        raise ValueError("too\\x07 many")
    return 1
"""


def test_junit_has_a_case_for_each_run(project) -> None:
    said = run(project, "--method", "master", "--junit", "report.xml")
    assert said.returncode == 0, said.stderr
    root = ET.parse(project / "report.xml").getroot()
    [suite] = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == (
        "./my-algorithm", "3", "0",
    )  # fmt: skip
    cases = [(case.get("name"), case.get("classname")) for case in suite]
    assert cases == [
        ("task 1 master at north", "./my-algorithm.master"),
        ("task 2 subtask at north", "./my-algorithm.master"),
        ("task 2 subtask at south", "./my-algorithm.master"),
    ]
    assert "working on x" in suite[1].findtext("system-out", "")
    assert float(suite[0].get("time", "")) >= 0
    assert {path.name for path in project.iterdir()} == {
        "my-algorithm", "north.csv", "south.csv", "report.xml",
    }  # fmt: skip


def test_junit_shows_what_failed_whatever_it_printed(project) -> None:
    (project / "my-algorithm" / "my_algorithm" / "__init__.py").write_text(NOISY)
    (project / "south.csv").write_text("x\n1\n2\n3\n")
    said = run(project, "--method", "noisy", "--junit", "report.xml")
    assert said.returncode == 1
    north, south = ET.parse(project / "report.xml").getroot()[0]
    assert "?[31mred\ufffd <&>" in north.findtext("system-out", "")
    failure = south.find("failure")
    assert failure is not None
    assert "Traceback (most recent call last):" in (failure.text or "")
    assert "ValueError: too? many" in (failure.text or "")


def test_junit_tells_of_what_could_not_be_run(project) -> None:
    said = run(project, "--method", "partial", "--pooled", "--junit", "report.xml")
    assert said.returncode == 2
    [suite] = ET.parse(project / "report.xml").getroot()
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")
    assert "--pooled is for masters" in suite[0].findtext("error", "")


def test_a_trace_is_written_as_its_name_says(project) -> None:
    said = run(project, "--method", "master", "--trace", "trace.json")
    assert said.returncode == 0, said.stderr
    trace = json.loads((project / "trace.json").read_text())
    assert [run_["organization"] for run_ in trace["subtasks"][0]["runs"]] == ["north", "south"]
    assert any(each["what"] == "POST /task" for each in trace["runs"][0]["requests"])


def test_a_trace_of_what_failed_is_written_as_a_picture_too(project) -> None:
    said = run(project, "--method", "partial", "--kwarg", "column=gone", "--trace", "trace.svg")
    assert said.returncode == 1
    picture = ET.parse(project / "trace.svg").getroot()
    bars = [each.get("class") for each in picture.iter("{http://www.w3.org/2000/svg}rect")]
    for phase in ("waiting", "starting", "running", "reporting"):
        assert bars.count(phase) == 2


def test_a_file_that_cannot_be_written_is_said_before_anything_runs(project) -> None:
    for option, name, expected in (
        ("--trace", "trace.png", "trace.png: the name of a page (.html), a picture (.svg)"),
        ("--trace", "gone/trace.svg", "there is no folder gone"),
        ("--junit", "gone/report.xml", "--junit gone/report.xml: there is no folder gone"),
    ):
        said = run(project, "--method", "master", option, name)
        assert said.returncode == 2
        assert expected in said.stderr
        assert not said.stdout


@pytest.mark.parametrize("place", ["pipe", "/dev/zero", "/dev/stdin", ""])
def test_data_that_are_no_regular_file_are_refused_before_anything_runs(project, place) -> None:
    os.mkfifo(project / "pipe")
    command = [V6SIM, "run", "./my-algorithm", "--data", place, "--method", "partial"]
    said = subprocess.run(
        command, cwd=project, stdin=subprocess.PIPE, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    why = (
        "which cannot be read more than once: write it to a file first, and name that"
        if place
        else "names nothing; a file is expected"
    )
    assert said.returncode == 2
    assert said.stderr.startswith(f"error: --data: {place!r} "), said.stderr
    assert said.stderr.endswith(f"{why}\n")
    assert said.stderr.count("\n") == 1
