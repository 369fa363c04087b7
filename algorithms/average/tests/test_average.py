"""Tests of the federated average; they need a mock client, and no server."""

import json

import pandas as pd
import pytest
import v6_average
from v6_average import RPC_average_partial, combine

try:
    from vantage6.tools.mock_client import ClientMockProtocol
except ImportError:
    from v6sim.testing import ClientMockProtocol


@pytest.fixture
def patients():
    return pd.DataFrame(
        {"age": [71, 58, 64, 60], "weight": [68.5, None, 74.0, 88.0], "sex": ["f", "m", "f", "m"]}
    )


def test_a_partial_is_the_sum_and_the_count_of_a_column(patients):
    assert repr(RPC_average_partial(patients, "age")) == "{'sum': 253, 'count': 4}"


def test_missing_values_do_not_count(patients):
    assert RPC_average_partial(patients, "weight") == {"sum": 230.5, "count": 3}


def test_whole_numbers_beside_missing_ones_are_no_problem():
    ages = pd.DataFrame({"age": pd.array([30, None, 41], dtype="Int64")})
    assert repr(RPC_average_partial(ages, "age")) == "{'sum': 71, 'count': 2}"


def test_a_partial_can_travel_as_json(patients):
    for column in ("age", "weight"):
        partial = RPC_average_partial(patients, column)
        assert json.loads(json.dumps(partial)) == partial


def test_a_table_without_rows_has_nothing_to_add():
    assert RPC_average_partial(pd.DataFrame({"age": []}), "age") == {"sum": 0, "count": 0}


def test_a_missing_column_is_named_with_those_that_exist(patients):
    with pytest.raises(ValueError, match="no column 'length'; the columns are: age, weight, sex"):
        RPC_average_partial(patients, "length")


def test_a_column_of_texts_is_refused_without_showing_any(patients):
    with pytest.raises(ValueError, match="column 'sex' holds no numbers") as error:
        RPC_average_partial(patients, "sex")
    assert "'f'" not in str(error.value)


def test_the_average_weighs_organizations_by_their_numbers_of_values():
    partials = [{"sum": 253, "count": 4}, {"sum": 10.0, "count": 1}, {"sum": 0, "count": 0}]
    assert combine(partials, "age") == {"average": 52.6}


def test_no_values_anywhere_have_no_average():
    with pytest.raises(ValueError, match="column 'age' has no values at any organization"):
        combine([{"sum": 0, "count": 0}], "age")


@pytest.fixture
def federation(tmp_path):
    """Three organizations on a mock client: vantage6's own, or the one of v6sim."""
    files = []
    for number, ages in enumerate([(71, 58, 64, 60), (38, 51, 29, 55), (47, 62, 55, 49)]):
        files.append(str(tmp_path / f"{number}.csv"))
        pd.DataFrame({"age": ages}).to_csv(files[-1], index=False)
    return ClientMockProtocol(files, "v6_average")


def test_the_master_averages_over_all_organizations(federation):
    task = federation.create_new_task(
        {"method": "master", "master": True, "kwargs": {"column_name": "age"}},
        organization_ids=[0],
    )
    assert federation.get_results(task["id"]) == [{"average": 53.25}]


def test_the_master_waits_until_all_have_ended(federation, monkeypatch):
    get_task, answers, naps = federation.get_task, iter([False, False, True]), []
    monkeypatch.setattr(
        federation, "get_task", lambda id_: dict(get_task(id_), complete=next(answers))
    )
    monkeypatch.setattr(v6_average.time, "sleep", naps.append)
    assert v6_average.master(federation, None, column_name="age") == {"average": 53.25}
    assert naps == [v6_average.POLL_SECONDS] * 2


def test_the_master_refuses_an_average_of_fewer_than_it_asked(federation, monkeypatch):
    get_results = federation.get_results
    monkeypatch.setattr(federation, "get_results", lambda task_id: get_results(task_id)[1:])
    with pytest.raises(RuntimeError, match="only 2 of 3 organizations gave a result"):
        v6_average.master(federation, None, column_name="age")
