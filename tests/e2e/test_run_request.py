"""Options of `v6sim run` that do not go together."""

from pathlib import Path
from typing import Any

import pytest

from tests.commands import v6sim
from v6sim.cli.failures import Mistake
from v6sim.cli.request import Request

DATA = {"data": [Path("a.csv")]}
RUN: dict[str, Any] = {**DATA, "method": "master"}
REPLAY: dict[str, Any] = {"replay": Path("recorded")}
MATRIX: dict[str, Any] = {"matrix": ["data/*/"], "method": "master"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({**RUN, "watch": True, "as_json": True}, "--watch and --json do not go together: it"),
        ({**MATRIX, "watch": True}, "--watch and --matrix do not go together"),
        ({**MATRIX, **DATA}, "--matrix and --data do not go together"),
        ({**MATRIX, "record": Path("x")}, "--matrix and --record do not go together"),
        ({**MATRIX, **REPLAY}, "--matrix and --replay do not go together"),
        ({**MATRIX, "trace": Path("x.svg")}, "--matrix and --trace do not go together"),
        ({**RUN, "pdb": True, "as_json": True}, "--pdb and --json do not go together"),
        ({**RUN, "pdb": True, "python": "python3"}, "--pdb and --python do not go together"),
        ({**RUN, "pdb": True, "cold": True}, "--pdb and --cold do not go together"),
        ({**RUN, "pdb": True, "chosen_executor": "docker"}, "--pdb and --executor docker do not"),
        ({**REPLAY, "record": Path("x")}, "--replay and --record do not go together"),
        ({**REPLAY, "pooled": True}, "--replay and --pooled do not go together"),
        ({**REPLAY, "method": "master"}, "--replay and --method do not go together"),
        ({**REPLAY, "args": ["1"]}, "--replay and --arg do not go together"),
        ({**REPLAY, "kwargs": ["a=1"]}, "--replay and --kwarg do not go together"),
        ({**REPLAY, "master": False}, "--replay and --master do not go together"),
        ({**REPLAY, "encrypted": True}, "--replay and --encrypted do not go together"),
        ({**REPLAY, "egress_fail": True}, "--replay and --egress-fail do not go together"),
        ({**REPLAY, "egress_min_count": 0}, "--replay and --egress-min-count do not go together"),
        ({**REPLAY, "data": [Path("a.csv"), Path("b.csv")]}, "--replay takes one --data at most"),
        ({**RUN, "rtol": 0.0}, "--rtol and --atol are for --pooled"),
        ({"method": "master"}, "no data: name them by --data CSV"),
        (DATA, "--method is missing"),
    ],
)
def test_what_does_not_go_together_is_said(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(Mistake) as failure:
        Request("./my-algorithm", **given).check()
    assert str(failure.value).startswith(expected)


@pytest.mark.parametrize(
    "given",
    [
        {**RUN, "pooled": True, "rtol": 0.0, "record": Path("x"), "trace": Path("x.svg")},
        {**RUN, "watch": True, "pdb": True, "junit": Path("x.xml")},
        {**MATRIX, "as_json": True, "pooled": True, "encrypted": True},
        {**REPLAY, **DATA, "watch": True, "pdb": True},
    ],
)
def test_what_goes_together_is_let_through(given: dict[str, Any], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Request("./my-algorithm", **given).check()


def test_debugging_chooses_the_executor_that_can_be_debugged() -> None:
    assert Request("x", pdb=True).executor == "inline"
    assert Request("x").executor == "process"


def test_the_command_says_so_with_exit_code_2(project) -> None:
    said = v6sim("run", "./my-algorithm", "--replay", "x", "--record", "y", cwd=project)
    assert said.returncode == 2
    assert said.stderr == (
        "error: --replay and --record do not go together: what a replay is answered is recorded "
        "already\n"
    )
