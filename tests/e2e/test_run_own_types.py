"""`v6sim run` of an algorithm whose results have objects of its own types."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import v6sim

ALGORITHM = """
import pandas as pd

class Model:
    def __init__(self):
        self.coefficients = [1.5, -0.5]

def RPC_model(data):
    return {"rows": len(data), "model": Model(), "accuracy": 0.875}

def RPC_times(data):
    return {"span": pd.Timedelta(days=3), "nothing": pd.NaT,
            "kinds": pd.Categorical(["a", "b", "a"]), "rows": len(data)}

def master(client, data):
    return {"accuracy": 0.875, "model": Model()}
"""
OBJECT = {"type": "Model", "module": "my_algorithm", "fields": {"coefficients": [1.5, -0.5]}}
PRINTED = (
    "{'rows': 2, 'model': ForeignObject(type='Model', module='my_algorithm', "
    "fields={'coefficients': [1.5, -0.5]}), 'accuracy': 0.875}"
)


@pytest.fixture
def models(project: Path) -> Path:
    (project / "my-algorithm" / "my_algorithm" / "__init__.py").write_text(ALGORITHM)
    return project


def run(folder: Path, method: str, *more: str) -> Any:
    return v6sim(
        "run", "./my-algorithm", "--data", "north.csv", "--method", method, *more, cwd=folder
    )


def result_of(said: Any) -> Any:
    [row] = json.loads(said.stdout)["task"]["runs"]
    return row["result"]


@pytest.mark.parametrize("executor", ["process", "inline"])
def test_an_object_is_shown_beside_all_else(models: Path, executor: str) -> None:
    said = run(models, "model", "--executor", executor)
    assert said.stdout.splitlines()[-1] == f"north: {PRINTED}"
    assert said.stdout.count("--trust-results") == 1
    found = result_of(run(models, "model", "--executor", executor, "--json"))
    assert found == {"rows": 2, "model": {"ForeignObject": OBJECT}, "accuracy": 0.875}


def test_values_of_pandas_are_shown(models: Path) -> None:
    said = run(models, "times")
    for text in ("Timedelta('3 days", "'nothing': NaT", "Categories (2", "'rows': 2"):
        assert text in said.stdout
    assert result_of(run(models, "times", "--json")) == {
        "span": "P3DT0H0M0S", "nothing": "NaT", "kinds": ["a", "b", "a"], "rows": 2,
    }  # fmt: skip


@pytest.mark.parametrize("executor", ["process", "inline"])
def test_trusted_results_show_the_objects_themselves(models: Path, executor: str) -> None:
    more = ("--executor", executor, "--trust-results")
    found = result_of(run(models, "model", "--json", *more))
    assert found == {"rows": 2, "model": {"Object": OBJECT}, "accuracy": 0.875}
    said = run(models, "model", *more)
    assert "'coefficients': [1.5, -0.5]" in said.stdout
    assert "--trust-results" not in said.stdout
    assert "ForeignObject" not in said.stdout


def test_trust_is_refused_where_there_is_only_an_image(models: Path) -> None:
    said = v6sim(
        "run", "an/image", "--data", "north.csv", "--method", "model", "--executor", "docker",
        "--trust-results", cwd=models,
    )  # fmt: skip
    assert said.returncode == 2
    assert "there is only an image" in said.stderr
    assert "Traceback" not in said.stderr


def test_pooled_results_with_objects_are_different_unless_they_are_trusted(models: Path) -> None:
    said = run(models, "master", "--pooled", "--json", "--junit", "report.xml")
    assert said.returncode == 1
    [difference] = json.loads(said.stdout)["pooled"]["differences"]
    assert difference["field"] == "model"
    assert "cannot be compared" in difference["problem"]
    assert "cannot be compared" in (models / "report.xml").read_text()
    said = run(models, "master", "--pooled", "--json", "--trust-results")
    assert said.returncode == 0, said.stdout
