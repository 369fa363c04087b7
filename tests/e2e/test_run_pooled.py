"""`v6sim run --pooled`: the same task on one organization that holds all rows."""

import json

import pytest

from tests.e2e.test_run import run

ALGORITHM = """
def master(client, data):
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "mean"}, ids)
    while not client.get_task(task["id"])["complete"]:
        pass
    means = client.get_results(task_id=task["id"])
    return {"mean": sum(means) / len(means), "organizations": "some"}

def RPC_mean(data):
    return float(data["x"].mean())

def fragile(client, data):
    assert len(data) == 2, "too many rows"
    return 1
"""


@pytest.fixture
def means(project):
    """A project whose master gives the mean of means: right for parts of equal size alone."""
    (project / "my-algorithm" / "my_algorithm" / "__init__.py").write_text(ALGORITHM)
    return project


def test_a_result_that_is_the_pooled_one_is_good(means) -> None:
    said = run(means, "--method", "master", "--pooled")
    assert said.returncode == 0, said.stderr
    last = said.stdout.rstrip().splitlines()[-3:]
    assert last[:2] == ["pooled: the same on all 4 rows together", ""]
    assert last[2].startswith("north: {'mean': ")


def test_a_result_that_is_another_is_told_field_by_field(means) -> None:
    (means / "north.csv").write_text("x\n1\n2\n3\n")
    said = run(means, "--method", "master", "--pooled")
    assert said.returncode == 1
    assert "pooled: not the same on all 5 rows together:" in said.stdout
    assert "  mean: 2.875, pooled 2.7" in said.stdout
    assert "organizations:" not in said.stdout


def test_tolerances_are_relative_and_absolute(means) -> None:
    (means / "north.csv").write_text("x\n1\n2\n3\n")
    for option, value, code in (("--rtol", "0.1", 0), ("--atol", "0.2", 0), ("--atol", "0.1", 1)):
        assert run(means, "--method", "master", "--pooled", option, value).returncode == code


def test_programs_get_the_differences(means) -> None:
    (means / "north.csv").write_text("x\n1\n2\n3\n")
    said = run(means, "--method", "master", "--pooled", "--json")
    assert said.returncode == 1
    pooled = json.loads(said.stdout)["pooled"]
    assert pooled["rows"] == 5
    assert pooled["differences"] == [{"field": "mean", "federated": 2.875, "pooled": 2.7}]


def test_an_algorithm_that_fails_on_all_rows_is_told_with_its_log(means) -> None:
    said = run(means, "--method", "fragile", "--pooled")
    assert said.returncode == 1
    assert "AssertionError: too many rows" in said.stdout
    assert "pooled: on all 4 rows together it is" in said.stdout


def test_partials_cannot_be_compared(means) -> None:
    said = run(means, "--method", "mean", "--pooled")
    assert said.returncode == 2
    assert "--pooled is for masters, and mean is run as a partial" in said.stderr


def test_tables_without_a_common_column_are_not_pooled(means) -> None:
    (means / "north.csv").write_text("x;age\n1;2\n")
    said = run(means, "--method", "master", "--pooled")
    assert said.returncode == 2
    assert said.stderr.startswith("error: --pooled: "), said.stderr
    assert "have no column in common" in said.stderr
    assert f"{means / 'north.csv'} has 'x;age'" in said.stderr
    assert f"{means / 'south.csv'} has 'x'" in said.stderr
    assert f"The separator of {means / 'north.csv'} seems to be ';'" in said.stderr
