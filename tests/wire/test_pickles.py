"""The restricted reader of pickles: what it reads, and what it must not do."""

import collections
import datetime as dt
import decimal
import io
import os
import pickle
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pytest

from v6sim.wire.foreign import ForeignObject
from v6sim.wire.pickled_numpy import numpy_globals
from v6sim.wire.pickled_pandas import pandas_globals
from v6sim.wire.pickled_plain import PLAIN
from v6sim.wire.pickles import UnreadablePickle, read_pickle

PROTOCOLS = range(6)


def written(value: Any, protocol: int) -> bytes:
    return pickle.dumps({"value": value}, protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        {"average": 53.25, "n": None, "ok": True},
        [1, 2.5, "é€漢", b"bytes", (1, (2,)), 10**40, -1],
        {1, 2},
        frozenset({"a"}),
        bytearray(b"abc"),
        complex(1, 2),
        range(3),
        slice(1, 2),
        collections.OrderedDict(a=1),
        collections.Counter("aab"),
        dt.date(2020, 1, 2),
        dt.time(3, 4),
        dt.datetime(2020, 1, 2, tzinfo=dt.UTC),
        dt.timedelta(days=1),
        decimal.Decimal("1.50"),
        uuid.UUID(int=7),
    ],
    ids=repr,
)
def test_values_of_python_come_back(value: Any, protocol: int) -> None:
    found = read_pickle(written(value, protocol))["value"]
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_defaultdict_keeps_what_it_makes(protocol: int) -> None:
    value = collections.defaultdict(list, {"a": [1]})
    found = read_pickle(pickle.dumps(value, protocol))
    assert found == value
    assert found.default_factory is list


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        np.float64(1.5),
        np.int64(-3),
        np.bool_(True),
        np.str_("x"),
        np.str_(""),
        np.datetime64("2020-01-01"),
        np.array([1, 2]),
        np.array(3.0),
        np.array([], "f4"),
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(["ab", "c"]),
        np.array(["a", None], dtype=object),
        np.array([[1], [2]], dtype=object),
        np.array(["2020-01-01"], "M8[ns]"),
        np.arange(3, dtype=">i4"),
    ],
    ids=repr,
)
def test_values_of_numpy_come_back(value: Any, protocol: int) -> None:
    found = read_pickle(written(value, protocol))["value"]
    assert found.dtype.kind == value.dtype.kind
    assert found.shape == value.shape
    assert found.tolist() == value.tolist()


def test_names_of_either_numpy_are_understood() -> None:
    content = pickle.dumps(np.float64(1.5), 3)
    assert b"numpy._core" in content
    older = content.replace(b"numpy._core", b"numpy.core")
    assert read_pickle(content) == read_pickle(older) == 1.5


TABLE = pd.DataFrame(
    {
        "i": [1, 2],
        "f": [1.5, float("nan")],
        "s": ["x", "y"],
        "t": pd.to_datetime(["2020-01-01", "2021-01-01"]),
        "b": [True, False],
        "j": [3, 4],
    }
)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        TABLE,
        TABLE.iloc[:0],
        TABLE.set_index("s"),
        TABLE.set_index(["i", "s"]),
        TABLE.describe(),
        pd.DataFrame(),
        pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"]),
    ],
)
def test_tables_come_back(value: pd.DataFrame, protocol: int) -> None:
    found = read_pickle(written(value, protocol))["value"]
    assert isinstance(found, pd.DataFrame)
    assert str(found) == str(value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        pd.Series([1.0, 2.0], name="q", index=["p", "q"]),
        pd.Series(["a", "b"]),
        pd.Series(dtype=float),
        TABLE["t"],
        TABLE["s"].value_counts(),
        pd.Index([1, 2], name="n"),
        pd.DatetimeIndex(["2020-01-01"]),
        pd.Timestamp("2020-01-01 12:00"),
        pd.NaT,
        pd.NA,
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_of_pandas_come_back(value: Any, protocol: int) -> None:
    assert str(read_pickle(written(value, protocol))["value"]) == str(value)


# --- what it must not do ---


class Calls:
    """Pickles as a call of some function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (os.system, "posix.system"),
        (eval, "builtins.eval"),
        (getattr, "builtins.getattr"),
        (__import__, "builtins.__import__"),
        (io.open, "io.open"),
        (np.load, "numpy.load"),
        (pd.read_pickle, "pandas.read_pickle"),
    ],
)
def test_a_call_of_anything_else_is_shown_and_does_nothing(function: Any, name: str) -> None:
    module, _, last = name.rpartition(".")
    found = read_pickle(pickle.dumps(Calls(function, "echo harm")))
    assert isinstance(found, ForeignObject)
    assert (found.module, found.type) == (module, last)
    assert found.fields == {"args": ("echo harm",)}


ALLOWED = {**PLAIN, **numpy_globals(), **pandas_globals()}


def assembled(module: str, name: str, rest: bytes) -> bytes:
    """A pickle that puts a global on the stack and goes on with `rest`."""
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + rest


@pytest.mark.parametrize("where", ALLOWED, ids=".".join)
def test_nothing_that_may_be_named_can_be_changed(where: tuple[str, str]) -> None:
    before = ALLOWED[where]
    for state in (b"}X\x07\x00\x00\x00__doc__K\x01s", b"N}X\x07\x00\x00\x00__doc__K\x01s\x86"):
        documented = before.__doc__
        with pytest.raises(UnreadablePickle):
            read_pickle(assembled(*where, state + b"b."))
        assert before.__doc__ == documented


@pytest.mark.parametrize(
    ("kind", "argument"),
    [(set, range(10**12)), (list, range(10**12)), (bytearray, 10**12), (bytes, 10**12)],
)
def test_small_pickles_cannot_make_giants(kind: Any, argument: Any) -> None:
    with pytest.raises(UnreadablePickle):
        read_pickle(pickle.dumps(Calls(kind, argument)))


def test_types_of_arrays_are_not_taken_on_trust() -> None:
    records = np.zeros(1, dtype=[("a", "O"), ("b", "i4")])
    found = read_pickle(pickle.dumps(records))
    assert (found.module, found.type) == ("numpy", "ndarray")


def test_an_array_of_objects_cannot_be_made_of_bytes() -> None:
    honest = pickle.dumps(np.array([1, 2, 3]), 2)
    assert b"X\x02\x00\x00\x00i8" in honest
    with pytest.raises(UnreadablePickle, match="without its list"):
        read_pickle(honest.replace(b"X\x02\x00\x00\x00i8", b"X\x02\x00\x00\x00O8"))


@pytest.mark.parametrize("content", [b"", b".", b"\x80", b"\x80\x04\x95", b"no pickle.", b"(lp0."])
def test_a_damaged_pickle_says_so(content: bytes) -> None:
    with pytest.raises(UnreadablePickle):
        read_pickle(content)


def test_a_reference_to_something_outside_is_refused() -> None:
    with pytest.raises(UnreadablePickle, match="outside"):
        read_pickle(b"Psomewhere\n.")
