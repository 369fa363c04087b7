"""Tests of the federated summary; they need a mock client, and no server."""

import json

import pandas as pd
import pytest
from v6_summary import RPC_summary, combine

try:
    from vantage6.tools.mock_client import ClientMockProtocol
except ImportError:
    from v6sim.testing import ClientMockProtocol


@pytest.fixture
def patients():
    return pd.DataFrame(
        {
            "patient": ["A1", "A2", "A3", "A4"],
            "age": [71, 58, 64, 60],
            "weight": [68.5, None, 74.0, 88.5],
            "sex": ["f", "m", "f", "f"],
            "smoker": [True, False, False, False],
            "remark": [None, None, None, None],
        }
    )


@pytest.fixture
def others():
    return pd.DataFrame({"age": [38, 51], "sex": ["m", "x"], "remark": ["good", None]})


def summary_of(data, column, **options):
    return RPC_summary(data, [column], **options)["columns"][column]


def test_whole_numbers_stay_whole(patients):
    summary = summary_of(patients, "age")
    assert repr(summary) == (
        "{'type': 'numeric', 'count': 4, 'missing': 0, 'sum': 253, 'mean': 63.25, "
        "'min': 58, 'max': 71}"
    )


def test_missing_numbers_are_counted_apart(patients):
    assert summary_of(patients, "weight") == {
        "type": "numeric",
        "count": 3,
        "missing": 1,
        "sum": 231.0,
        "mean": 77.0,
        "min": 68.5,
        "max": 88.5,
    }


def test_texts_are_counted_the_most_frequent_first(patients):
    summary = summary_of(patients, "sex")
    assert summary == {
        "type": "text",
        "count": 4,
        "missing": 0,
        "distinct": 2,
        "categories": {"f": 3, "m": 1},
    }
    assert list(summary["categories"]) == ["f", "m"]


def test_truth_values_are_counted_as_texts(patients):
    assert summary_of(patients, "smoker")["categories"] == {"False": 3, "True": 1}


def test_a_column_without_values_is_empty(patients):
    assert summary_of(patients, "remark") == {"type": "empty", "count": 0, "missing": 4}


def test_without_names_all_columns_are_summarized(patients):
    summary = RPC_summary(patients)
    assert summary["rows"] == 4
    assert list(summary["columns"]) == list(patients.columns)


def test_a_summary_can_travel_as_json(patients):
    summary = RPC_summary(patients)
    assert json.loads(json.dumps(summary)) == summary


def test_columns_that_look_like_identifiers_are_not_listed(patients):
    summary = summary_of(patients, "patient", max_categories=3)
    assert summary["count"] == 4
    assert summary["categories"] is summary["distinct"] is None


def test_figures_that_rest_on_few_rows_are_kept_back(patients):
    assert RPC_summary(patients, ["age", "weight", "sex"], min_count=3) == {
        "rows": 4,
        "columns": {
            "age": {
                "type": "numeric",
                "count": 4,
                "missing": 0,
                "sum": 253,
                "mean": 63.25,
                "min": None,
                "max": None,
            },
            "weight": {
                "type": "numeric",
                "count": 3,
                "missing": None,
                "sum": 231.0,
                "mean": 77.0,
                "min": None,
                "max": None,
            },
            "sex": {
                "type": "text",
                "count": 4,
                "missing": 0,
                "distinct": None,
                "categories": None,
            },
        },
    }
    few = summary_of(patients, "weight", min_count=4)
    assert few["count"] is few["sum"] is few["mean"] is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"columns": ["age", "length"]}, "no column length; the columns are: patient, age"),
        ({"columns": "age"}, "must be a list of names, not the text 'age'"),
        ({"min_count": 0}, "min_count must be 1 or more"),
        ({"max_categories": -1}, "max_categories 0 or more"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(patients, arguments, text):
    with pytest.raises(ValueError, match=text):
        RPC_summary(patients, **arguments)


def test_summaries_of_organizations_add_up_to_that_of_all_rows(patients, others):
    columns = ["age", "sex", "remark"]
    pooled = RPC_summary(pd.concat([patients[columns], others]), columns)
    parts = [RPC_summary(patients, columns), RPC_summary(others, columns)]
    assert combine(parts) == pooled


def test_a_column_that_some_lack_is_summed_up_over_the_rest(patients, others):
    summary = combine([RPC_summary(patients), RPC_summary(others)])
    assert summary["rows"] == 6
    assert summary["columns"]["weight"]["count"] == 3


def test_what_one_organization_keeps_back_is_unknown_of_all(patients, others):
    parts = [RPC_summary(patients, ["age"]), RPC_summary(others, ["age"], min_count=3)]
    assert combine(parts) == {
        "rows": None,
        "columns": {
            "age": {
                "type": "numeric",
                "count": None,
                "missing": 0,
                "sum": None,
                "mean": None,
                "min": None,
                "max": None,
            }
        },
    }


def test_a_column_of_two_kinds_is_refused(patients):
    words = pd.DataFrame({"age": ["old", "young"]})
    with pytest.raises(ValueError, match="'age' holds numbers at 1 and texts at 1 org"):
        combine([RPC_summary(patients, ["age"]), RPC_summary(words, ["age"])])


def test_the_master_summarizes_all_organizations(patients, others, tmp_path):
    files = [str(tmp_path / "patients.csv"), str(tmp_path / "others.csv")]
    for table, file in zip((patients, others), files):  # noqa: B905  # Python 3.7 has no strict
        table.to_csv(file, index=False)
    federation = ClientMockProtocol(files, "v6_summary")
    task = federation.create_new_task(
        {"method": "master", "master": True, "kwargs": {"columns": ["age", "sex"]}},
        organization_ids=[0],
    )
    assert federation.get_results(task["id"]) == [
        {
            "rows": 6,
            "columns": {
                "age": {
                    "type": "numeric",
                    "count": 6,
                    "missing": 0,
                    "sum": 342,
                    "mean": 57.0,
                    "min": 38,
                    "max": 71,
                },
                "sex": {
                    "type": "text",
                    "count": 6,
                    "missing": 0,
                    "distinct": 3,
                    "categories": {"f": 3, "m": 2, "x": 1},
                },
            },
        }
    ]
