"""What the checks find, and what they let pass."""

import os
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.egress.conftest import Write
from v6sim.egress.checks.matches import digits
from v6sim.egress.checks.rule import Finding, Thresholds
from v6sim.egress.checks.rules import RULES, check
from v6sim.egress.local_data import known_of
from v6sim.egress.names import is_count, is_identifier
from v6sim.egress.reading import Reading
from v6sim.wire.foreign import ForeignObject

HEADER = "patient_id,name,age,weight,income,ward,smoker,visited,hospital_id"
ROWS = [
    "P-001,Ann Smith,34,61.5,31250,cardiology,True,2023-01-09,7",
    "P-002,Bob Jones,45,72.4,42875,cardiology,True,2023-01-23,7",
    "P-003,Cleo Brown,51,88.25,38000,surgery,False,2023-02-06,7",
    "P-004,Dan White,51,72.4,27640,surgery,True,2023-02-20,7",
    "P-005,Eve Black,29,54.9,51999,neurology,True,2023-03-06,7",
    "P-006,Finn Green,63,79.3,42100,cardiology,False,2023-03-20,7",
    "P-007,Gus Gray,58,91.7,23456,cardiology,False,2023-04-03,7",
    "P-008,Hal Reed,71,68.1,61875,surgery,False,2023-04-17,7",
    "P-009,Ida Stone,47,59.6,33333,surgery,True,2023-05-01,7",
    "P-010,Jan van Dam,38,84.8,29120,cardiology,True,2023-05-15,7",
    "P-011,Kim Wood,66,,45010,cardiology,True,2023-05-29,7",
    "P-012,Lee Hill,55,77.7,39870,surgery,False,2023-06-12,7",
]
FRAME_AGES = [34, 45, 51, 51, 29, 63, 58, 71, 47, 38, 66, 55]


@pytest.fixture
def data(write: Write) -> Path:
    return write(HEADER, ROWS)


def found(data: Path, value: Any, **limits: int) -> list[Finding]:
    known = known_of({"default": str(data)})
    return check(Reading("json", value, ""), known, Thresholds(**limits))


def rules(findings: list[Finding]) -> list[str]:
    return sorted({each.rule for each in findings})


UNIQUE = {
    "a decimal of one row": {"max": 91.7},
    "a large number of one row": {"mean_income": 51999},
    "the smallest of a column": {"columns": {"income": {"min": 23456}}},
    "in a list": [1, 2, 88.25],
    "in an array": np.array([0.0, 61.5]),
    "in a table": pd.DataFrame({"x": [0.5, 84.8]}),
    "as a text": {"value": "54.9"},
    "a text of one row": {"ward": "neurology"},
    "a text as a key": {"neurology": 12},
    "a text in a log": "computing for neurology, please wait",
    "a number in a log": "row: 61.5 kg",
    "a number at the end of a sentence": "The weight is 88.25.",
    "in JSON in a text": '{"weight": 91.7}',
    "from R, where all numbers are floats": {"income": 51999.0},
}
NOT_UNIQUE = {
    "a value of two rows": {"weight": 72.4},
    "a small integer": {"age": 34},
    "a text of many rows": {"ward": "surgery"},
    "the name of a column": {"column": "weight"},
    "a boolean": {"smoker": True},
    "a number with few digits": {"income": 38000},
    "a number that no row has": {"mean": 74.05},
    "a part of a word": "neurologyx",
    "nothing": None,
    "an empty text": "",
    "not a number": float("nan"),
    "without end": float("inf"),
    "an integer larger than any float": 10**400,
    "a count": {"count": 51999},
}


@pytest.mark.parametrize("value", UNIQUE.values(), ids=UNIQUE.keys())
def test_a_value_of_one_row_is_found(data: Path, value: Any) -> None:
    assert rules(found(data, value)) == ["unique-value"]


@pytest.mark.parametrize("value", NOT_UNIQUE.values(), ids=NOT_UNIQUE.keys())
def test_a_value_of_no_single_row_passes(data: Path, value: Any) -> None:
    assert found(data, value) == []


HIDDEN = {
    "in an object": ForeignObject("Model", "m", {"max": 91.7}),
    "in an object in an object": ForeignObject(
        "A", "m", {"a": [ForeignObject("B", "m", {"x": 91.7})]}
    ),
    "in the arguments of an object": ForeignObject("Model", "m", {"args": (1, (91.7,))}),
    "in a deque": deque([91.7]),
    "in an interval": pd.Interval(0, 91.7),
    "in a category": pd.Categorical([91.7]),
    "in a gap": pd.array([91.7, None], dtype="Float64"),
    "in a record": np.array([(1, 91.7)], [("a", "i4"), ("b", "f8")]),
    "in one record": np.array([(1, 91.7)], [("a", "i4"), ("b", "f8")])[0],
    "in an array with a mask": np.ma.array([91.7, 1.0], mask=np.array([False, True])),
    "in a sparse array": pd.arrays.SparseArray([0, 0, 91.7]),
    "in a complex number": 91.7 + 1j,
    "in a fraction": Fraction(917, 10),
}


@pytest.mark.parametrize("value", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_value_of_one_row_is_found_wherever_it_is(data: Path, value: Any) -> None:
    assert rules(found(data, value)) == ["unique-value"]


def test_the_type_of_an_object_is_looked_at_too(data: Path) -> None:
    assert "identifier" in rules(found(data, ForeignObject("P-001", "m")))


def test_an_aggregate_that_is_also_a_value_of_one_row_passes(write: Write) -> None:
    data = write("x", ["100", "250", "137", "163", "162.5"])  # the last is their mean
    assert found(data, {"mean": 162.5}) == []
    assert rules(found(data, {"x": 137})) == ["unique-value"]


def test_a_finding_says_which_column_and_where(data: Path) -> None:
    [finding] = found(data, {"parts": [{"x": 91.7}, {"x": 61.5}]})
    assert str(finding) == (
        "unique-value: 2 values of column 'weight' of database 'default' that one row alone has: "
        "91.7, 61.5 (at parts[0].x)"
    )


LONG = {
    "as many numbers as rows": list(range(1000, 1012)),
    "an array": np.zeros(12),
    "a column of an array": np.zeros((12, 3)),
    "a table": pd.DataFrame({"x": np.zeros(12)}),
    "records": [{"x": 0}] * 12,
    "by row number": {str(number): 0 for number in range(12)},
    "JSON in a text": pd.Series(np.zeros(12)).to_json(),
    "a table as CSV": pd.DataFrame({"x": np.zeros(12), "y": 0}).to_csv(index=False),
    "as many as a column has values": [0] * 11,
    "a column": FRAME_AGES,
    "a column in another order": sorted(FRAME_AGES),
}
NOT_LONG = {
    "shorter": [0] * 10,
    "longer": [0] * 13,
    "a table that is shorter": pd.DataFrame({"x": [0, 0]}),
    "lines of a text": "\n".join(["line, line"] + ["nothing"] * 11),
    "empty": [],
}


@pytest.mark.parametrize("value", LONG.values(), ids=LONG.keys())
def test_a_column_as_long_as_the_data_is_found(data: Path, value: Any) -> None:
    assert rules(found(data, value)) == ["row-length"]


@pytest.mark.parametrize("value", NOT_LONG.values(), ids=NOT_LONG.keys())
def test_a_column_of_another_length_passes(data: Path, value: Any) -> None:
    assert found(data, value) == []


def test_short_data_is_found_by_its_values_alone(write: Write) -> None:
    data = write("age,n", ["61,1", "63,1", "70,2"])
    assert found(data, [1, 2, 3]) == []
    [finding] = found(data, {"ages": [70, 61, 63]})
    assert finding.rule == "row-length"
    assert "those of column 'age'" in finding.text


SMALL = {
    "a count": {"count": 4},
    "n": {"n": 1},
    "in camel case": {"nRows": 3},
    "number of": {"number_of_patients": 2},
    "counts of what is said": {"counts": {"male": 4, "female": 31}},
    "at the end": {"age_count": 3},
    "a float that is whole": {"count": 4.0},
    "of NumPy": {"count": np.int64(2)},
    "a series of counts": pd.Series([2, 40], index=["male", "female"], name="count"),
    "a column of a table": pd.DataFrame({"n": [3, 50]}),
    "in a log": "male: count=3",
    "in JSON in a log": 'partial {"count": 3}',
}
NOT_SMALL = {
    "enough": {"count": 5},
    "none": {"count": 0},
    "something else": {"iterations": 3},
    "a setting": {"min_count": 1},
    "a number without a name": [1, 2, 3],
    "a boolean": {"count": True},
    "a fraction": {"count": 2.5},
    "an amount in a log": "count: 3.75",
    "a text": {"n": "three"},
    "clusters": {"n_clusters": 3},
}


@pytest.mark.parametrize("value", SMALL.values(), ids=SMALL.keys())
def test_a_small_count_is_found(data: Path, value: Any) -> None:
    assert rules(found(data, value)) == ["small-count"]


@pytest.mark.parametrize("value", NOT_SMALL.values(), ids=NOT_SMALL.keys())
def test_what_is_no_small_count_passes(data: Path, value: Any) -> None:
    assert found(data, value) == []


def test_the_minimum_of_counts_can_be_chosen(data: Path) -> None:
    assert found(data, {"count": 4}, min_count=4) == []
    [finding] = found(data, {"count": 9, "more": {"count": 7}}, min_count=10)
    assert finding.text == "count is 7 or 9, below 10, in 2 places"


IDENTIFIERS = {
    "an identifier": {"x": "P-003"},
    "as a key": {"P-003": 1.5},
    "in a log": "skipping P-003, no weight",
    "a name": {"x": "Ann Smith"},
    "a name in a log": "warning: Jan van Dam has no weight",
    "a date that one has alone": ["2023-02-06"],
    "under its own name": {"patient_id": 3},
    "under the name of something known": {"bsn": 3},
    "a column of a table": pd.DataFrame({"patient_id": ["Q-1"]}),
    "an e-mail address": {"contact": "someone@example.org"},
    "an e-mail address in a log": "mailing <jan.jansen@umc.example.nl>.",
    "a telephone number": "call 06-12345678 now",
    "a telephone number from abroad": {"x": "+31 6 12345678"},
    "a citizen service number": "read 111222333",
}
NOT_IDENTIFIERS = {
    "the name of a column": {"columns": ["patient_id", "name"]},
    "a column as an argument": {"patient_id": "patient_id"},
    "a word of a name": "the smith of the village",
    "ids of vantage6": {"organization_id": 3, "task_id": 12, "id": 8},
    "the same for all": {"hospital_id": 7},
    "nine digits": "read 111222334",
    "a date and time": "at 01-02-2023 10:11:12 and 2023-12-01 10:22",
    "a fraction": "0.1234567891",
    "a path": "/tmp/0123456789/x",
    "an address without a domain": "root@localhost",
}


@pytest.mark.parametrize("value", IDENTIFIERS.values(), ids=IDENTIFIERS.keys())
def test_an_identifier_is_found(data: Path, value: Any) -> None:
    assert rules(found(data, value)) == ["identifier"]


@pytest.mark.parametrize("value", NOT_IDENTIFIERS.values(), ids=NOT_IDENTIFIERS.keys())
def test_what_identifies_nobody_passes(data: Path, value: Any) -> None:
    assert found(data, value) == []


def test_identifiers_that_are_numbers_need_digits_or_their_name(write: Write) -> None:
    data = write("id,x", [f"{number},1" for number in (1, 2, 4711, 4712)])
    assert rules(found(data, {"id": 2})) == ["identifier"]
    assert rules(found(data, [4711])) == ["identifier"]
    assert found(data, [1, 2]) == []


# --- what cannot be checked ---


def test_what_cannot_be_read_is_a_finding(data: Path) -> None:
    known, limits = known_of({"default": str(data)}), Thresholds()
    assert rules(check(Reading("pickle", None, "", "damaged"), known, limits)) == ["unreadable"]
    assert rules(found(data, {"x": b"\xff\x00"})) == ["unreadable"]


def test_what_was_looked_at_only_in_part_is_a_finding(data: Path) -> None:
    [finding] = found(data, [None] * 300_000)
    assert str(finding) == (
        "not-fully-checked: only a part of it was checked: stopped after 200,000 values"
    )


def test_data_that_is_no_csv_is_said_not_to_be_compared(tmp_path: Path) -> None:
    known = known_of(
        {
            "sql": "postgresql://somewhere/x",
            "table": "x.parquet",
            "gone": str(tmp_path / "gone.csv"),
        }
    )
    assert [problem.partition(":")[0] for problem in known.problems] == [
        "database 'sql'", "database 'table'", "database 'gone'",
    ]  # fmt: skip
    assert rules(check(Reading("json", {"count": 1}, ""), known, Thresholds())) == ["small-count"]


def test_data_that_changes_is_read_again(write: Write) -> None:
    data = write("x", ["61.5", "72.5"])
    assert rules(found(data, [0, 0, 72.5])) == ["unique-value"]
    write("x", ["61.5", "72.25", "80.5"])
    assert found(data, [0, 0, 72.5]) == []


def test_empty_data_finds_nothing(write: Write) -> None:
    assert found(write("x,y", []), {"a": [1, 2], "b": []}) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.0, 0), (5.0, 1), (1200.0, 2), (1234.0, 4), (0.05, 1), (61.5, 3), (-61.25, 4), (1e-7, 1)],
)
def test_significant_digits(number: float, expected: int) -> None:
    assert digits(number) == expected


@pytest.mark.parametrize("name", ["count", "n", "N", "nRows", "n_obs", "num_cases", "cnt"])
def test_names_of_counts(name: str) -> None:
    assert is_count((name,))
    assert not is_count((f"min_{name}",))


@pytest.mark.parametrize("name", ["BSN", "patientId", "patient-id", "Patientid", "e-mail", "DOB"])
def test_names_of_identifiers(name: str) -> None:
    assert is_identifier(name)
    assert not is_identifier(f"{name}s of something")


def test_every_rule_and_its_threshold_is_documented() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "egress.md").read_text()
    for rule in (*RULES, "unreadable"):
        assert f"| `{rule}` |" in page
    for limit, value in vars(Thresholds()).items():
        assert f"`{limit}` ({value})" in page


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for place in (tmp_path / "pipe.csv", Path("/dev/zero")):
        [problem] = known_of({"default": str(place)}).problems
        assert problem == ("database 'default': only regular files are compared with what leaves")
