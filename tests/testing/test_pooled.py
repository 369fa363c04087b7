"""A federated result against the one on all rows together."""

import math

import pandas as pd
import pytest

from v6sim import Sandbox
from v6sim.sandbox import WrongArgument
from v6sim.testing import ResultsDiffer, compare_with_pooled, differences
from v6sim.testing.data import WrongData, world_of
from v6sim.testing.pooled import rows_of

WRONG = """
def master(client, data):
    return {"mean": float(data["x"].mean()), "rows": [len(data)]}
"""


@pytest.mark.parametrize(
    ("one", "other", "fields"),
    [
        ({"a": 1.0, "b": [1, 2]}, {"a": 1.0 + 1e-12, "b": [1, 2]}, []),
        ({"a": 1.0, "b": [1, 2]}, {"a": 1.1, "b": [1, 3]}, ["a", "b[1]"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ([1, 2], [1, 2, 3], [""]),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, ["a.b"]),
        (math.nan, math.nan, []),
        (pd.Series([1.0, 2.0]).to_numpy(), [1.0, 2.0], []),
    ],
)
def test_results_are_compared_field_by_field(one, other, fields) -> None:
    assert [each.field for each in differences(one, other)] == fields


def test_tolerances_are_relative_and_absolute() -> None:
    assert differences(100.0, 100.1)
    assert not differences(100.0, 100.1, relative=1e-2)
    assert not differences(0.0, 0.05, absolute=0.1)


def test_a_master_that_looks_at_its_own_rows_alone_is_found_out(tmp_path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    data = [pd.DataFrame({"x": [1.0, 2.0]}), [{"x": 6.0}]]
    with world_of(data) as world, Sandbox(world, executor="inline") as box:
        with pytest.raises(ResultsDiffer, match=r"mean: 1.5, pooled 3.0\n  rows\[0\]: 2, pooled 3"):
            compare_with_pooled(box, tmp_path / "wrong.py", "master")
        with pytest.raises(ResultsDiffer, match=r"mean: 1\.5, pooled 3\.0"):
            compare_with_pooled(
                box, tmp_path / "wrong.py", "master",
                pooled=lambda rows: {"mean": rows["x"].mean(), "rows": [2]},
            )  # fmt: skip


def test_what_is_no_table_is_told() -> None:
    for data, expected in (
        ({"a": 7}, "the data of 'a' are 7"),
        (["nowhere.csv"], "there is no file nowhere.csv"),
        ([], "there are no data"),
    ):
        with pytest.raises(WrongData, match=expected), world_of(data):
            pass


def test_columns_may_stand_in_any_order_and_one_has_to_be_common(tmp_path) -> None:
    contents = {"a": "x,y\n1,2\n", "b": "y,x\n4,3\n", "c": "z\n5\n", "d": "x\ty\n1\t2\n"}
    a, b, c, d = (tmp_path / f"{name}.csv" for name in contents)
    for path, text in zip((a, b, c, d), contents.values(), strict=True):
        path.write_text(text)
    assert rows_of([a, b]).to_dict("list") == {"x": [1, 3], "y": [2, 4]}
    with pytest.raises(WrongArgument, match=f"{a} has 'x', 'y'; {c} has 'z'$"):
        rows_of([a, b, c])
    (tmp_path / "e.csv").write_text("y,z\n6,7\n")
    assert rows_of([a, tmp_path / "e.csv"])["y"].tolist() == [2, 6]
    with pytest.raises(WrongArgument, match=f"The separator of {d} seems to be a tab"):
        rows_of([a, d])
