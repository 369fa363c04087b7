"""Pickles that other versions of Python, NumPy and pandas have written, and those of this one.

`pickles_of_others.json` has what they wrote: by the versions, and by the names of `VALUES` with the
protocol.
"""

import base64
import datetime as dt
import json
import pickle
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from v6sim.egress.content import take_apart
from v6sim.testing.result_comparison import differences
from v6sim.wire.foreign import ForeignObject
from v6sim.wire.limits import TO_SHOW
from v6sim.wire.pickles import read_pickle
from v6sim.wire.plain import plain
from v6sim.wire.printing import as_json, as_python
from v6sim.wire.value_digest import digest_of

OTHERS: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("pickles_of_others.json").read_text()
)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAYS = pd.date_range("2020-01-01", periods=3)
SUMMER = dt.datetime(2020, 7, 1, tzinfo=AMSTERDAM)
RECORDS = np.array([(1, 2.5, "x"), (2, 3.5, "y")], dtype=[("a", "i4"), ("b", "f8"), ("c", "U3")])

VALUES: dict[str, Any] = {
    "timedelta": pd.Timedelta(days=3, hours=1),
    "nat": pd.NaT,
    "ts": pd.Timestamp("2020-01-02 03:04:05"),
    "ts-utc": pd.Timestamp("2020-01-02 03:04:05", tz="UTC"),
    "ts-ams": pd.Timestamp("2020-07-02 03:04:05", tz=AMSTERDAM),
    "ts-fixed": pd.Timestamp("2020-07-02 03:04:05+02:00"),
    "cat": pd.Categorical(["a", "b", "a", None]),
    "cat-ordered": pd.Categorical([2, 1, 2], ordered=True),
    "cat-series": pd.Series(["a", "b", "a"], dtype="category", name="k"),
    "cat-column": pd.DataFrame({"k": pd.Categorical(["a", "b", "a"]), "n": [1, 2, 3]}),
    "cat-index": pd.CategoricalIndex(["a", "b", "a"], name="k"),
    "interval": pd.Interval(0, 1.5),
    "interval-index": pd.interval_range(0, 3),
    "interval-index-ts": pd.interval_range(pd.Timestamp("2020"), periods=2, freq="D"),
    "interval-array": pd.interval_range(0, 3).array,
    "cut-counts": pd.cut(pd.Series([1, 5, 9]), 3).value_counts(),
    "period": pd.Period("2020-01", "M"),
    "period-index": pd.period_range("2020-01", periods=3, freq="M", name="p"),
    "period-column": pd.DataFrame({"p": pd.period_range("2020-01", periods=3, freq="D")}),
    "multi-dates": pd.MultiIndex.from_product(
        [pd.to_datetime(["2020-01-01", "2021-01-01"]), ["x"]]
    ),
    "datetimeindex-tz": DAYS.tz_localize(AMSTERDAM),
    "timedelta-range": pd.timedelta_range("1D", periods=3),
    "series-tz": pd.Series(DAYS.tz_localize(AMSTERDAM)),
    "frame-tz": pd.DataFrame(
        {"t": DAYS.tz_localize("UTC"), "d": pd.to_timedelta([1, 2, 3], unit="s"), "u": DAYS}
    ),
    "nullable-frame": pd.DataFrame(
        {
            "i": pd.array([1, None], dtype="Int64"),
            "b": pd.array([True, None], dtype="boolean"),
            "s": pd.array(["x", None], dtype="string"),
            "f": pd.array([1.5, None], dtype="Float64"),
            "u": pd.array([1, 2], dtype="UInt8"),
        }
    ),
    "Int64": pd.Series([1, None, 3], dtype="Int64"),
    "string": pd.Series(["a", None, "c"], dtype="string"),
    "sparse": pd.Series(pd.arrays.SparseArray([0, 0, 1.5, 0])),
    "sparse-frame": pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1, 0])}),
    "sparse-block": pd.arrays.SparseArray([0, 0, 1, 0], kind="block"),
    "offset-month": pd.offsets.MonthEnd(),
    "np-dt64ns": np.datetime64("2020-01-01", "ns"),
    "np-td64": np.timedelta64(3, "D"),
    "np-nat": np.datetime64("NaT"),
    "np-complex": np.complex128(1 + 2j),
    "np-void": np.void(b"abcd"),
    "np-record": RECORDS[["a", "b"]][0],
    "structured": RECORDS,
    "structured-nested": np.zeros(2, [("p", [("x", "f4"), ("y", "f4")]), ("m", "i2", (2, 2))]),
    "recarray": RECORDS[["a", "b"]][:1],
    "masked": np.ma.array([1.5, 2, 3], mask=np.array([False, True, False])),
    "masked-2d": np.ma.array([[1, 2], [3, 4]], mask=np.array([[False, True], [False, False]])),
    "dt-pytz": SUMMER,
    "dt-pytz-fixed": dt.datetime(2020, 7, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    "dt-zi": SUMMER,
    "dt-du-utc": dt.datetime(2020, 7, 1, tzinfo=dt.UTC),
    "dt-du-off": dt.datetime(2020, 7, 1, tzinfo=dt.timezone(dt.timedelta(hours=2), "X")),
    "dt-du-get": SUMMER,
    "path": PurePosixPath("a/b"),
    "posix": PurePosixPath("/a"),
    "windows": PureWindowsPath("c:/a"),
    "fraction": Fraction(1, 3),
    "decimal": Decimal("1.50"),
}
FIELDS = {
    "enum": ("Colour", {"args": (1,)}),
    "flag": ("Flag", {"args": (3,)}),
    "nt": ("NT", {"args": (1, 2)}),
    "slots": ("Slots", {"a": 1, "b": 2}),
    "inner": ("Outer.Inner", {"v": 1}),
    "error": ("ValueError", {"args": ("x", 1)}),
    "function": ("len", {}),
    "kind": ("int", {}),
}
"""What is known of objects that are not read."""


def cases(names: Any) -> list[Any]:
    return list(_cases(names))


def _cases(names: Any) -> Iterator[Any]:
    for versions, written in OTHERS.items():
        for key, content in written.items():
            name, _, protocol = key.rpartition("/")
            if name in names:
                yield pytest.param(
                    name, base64.b64decode(content), id=f"{name}, protocol {protocol}, {versions}"
                )


@pytest.mark.parametrize(("name", "content"), cases(VALUES))
def test_what_others_wrote_is_read_as_a_value(name: str, content: bytes) -> None:
    check_value(read_pickle(content), VALUES[name])


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("name", VALUES)
def test_what_is_written_here_is_read_as_a_value(name: str, protocol: int) -> None:
    found = read_pickle(pickle.dumps([VALUES[name], {"again": VALUES[name]}], protocol))
    check_value(found[0], VALUES[name])
    check_value(found[1]["again"], VALUES[name])


def check_value(found: Any, expected: Any) -> None:
    assert isinstance(found, type(expected) if isinstance(expected, _KINDS) else object)
    assert not isinstance(found, ForeignObject)
    assert plain(found) == plain(expected)
    assert differences(found, expected) == differences(found, found) == []
    assert digest_of(plain(found), TO_SHOW) == digest_of(plain(expected), TO_SHOW)
    assert json.loads(as_json(found).text) == plain(expected)
    assert as_python(found).stopped == ""
    assert take_apart(found).is_whole


_KINDS = (pd.DataFrame, pd.Series, pd.Index, pd.api.extensions.ExtensionArray, np.ndarray, dt.date)


@pytest.mark.parametrize(("name", "content"), cases(FIELDS))
def test_what_others_wrote_of_other_types_has_its_fields(name: str, content: bytes) -> None:
    found = read_pickle(content)
    assert isinstance(found, ForeignObject)
    assert (found.type, found.fields) == FIELDS[name]


@pytest.mark.parametrize("versions", OTHERS)
def test_all_that_they_wrote_is_looked_at(versions: str) -> None:
    names = {key.rpartition("/")[0] for key in OTHERS[versions]}
    rest = names - VALUES.keys() - FIELDS.keys()
    assert rest <= {"Int64-index", "counter", "default", "deque", "ordered", "time", "uuid", "when"}


DTYPES: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "categories": (VALUES["cat-column"], lambda table: table["k"].dtype),
    "zones": (VALUES["frame-tz"], lambda table: table["t"].dt.tz),
    "gaps": (VALUES["nullable-frame"], lambda table: list(map(str, table.dtypes))),
    "periods": (VALUES["period-column"], lambda table: table["p"].dtype),
    "few values": (VALUES["sparse-frame"], lambda table: table["s"].dtype),
    "levels": (VALUES["multi-dates"], lambda index: index.names),
}


@pytest.mark.parametrize("name", DTYPES)
def test_columns_keep_their_types(name: str) -> None:
    value, dtype_of = DTYPES[name]
    assert dtype_of(read_pickle(pickle.dumps(value))) == dtype_of(value)


def test_an_hour_that_comes_twice_keeps_its_distance_from_utc() -> None:
    later = dt.datetime(2020, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=1)
    for when in (later, later.replace(fold=0)):
        assert read_pickle(pickle.dumps(when)).utcoffset() == when.utcoffset()
    pytz = b"cdatetime\ndatetime\n(C\n\x07\xe4\n\x19\x02\x1e\x00\x00\x00\x00cpytz\n_p\n"
    zone = b"(X\x10\x00\x00\x00Europe/AmsterdamM\x10\x0eK\x00X\x03\x00\x00\x00CETtRtR."
    found = read_pickle(b"\x80\x04" + pytz + zone)
    assert found.utcoffset() == dt.timedelta(hours=1)
    assert found == later
