"""The reader of pickles gives what the standard library's gives, and does not do what that does."""

import collections
import contextlib
import datetime as dt
import pickle
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v6sim.wire.limits import TO_SHOW, PayloadTooLarge, to_use
from v6sim.wire.pickles import UnreadablePickle, read_pickle

SINGLE = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.binary().map(bytearray) | st.dates() | st.datetimes() | st.timedeltas() | st.uuids()
    | st.decimals(allow_nan=False) | st.complex_numbers(allow_nan=False)
)  # fmt: skip
KEYS = st.text() | st.integers() | st.tuples(st.integers(), st.text()) | st.dates()
VALUES = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.dictionaries(st.text(), inner, max_size=5).map(collections.OrderedDict)
        | st.sets(KEYS, max_size=5)
        | st.frozensets(KEYS, max_size=5)
        | inner.map(lambda value: [value, value])
    ),
    max_leaves=30,
)
RUNS = st.lists(
    st.floats() | st.integers(0, 255) | st.integers(0, 2**16) | st.integers(-(2**31), 2**31),
    max_size=60,
)


@given(VALUES, st.integers(0, 5))
@settings(deadline=None, max_examples=300)
def test_values_come_back_as_from_the_standard_library(value: Any, protocol: int) -> None:
    content = pickle.dumps(value, protocol)
    found = read_pickle(content)
    assert repr(found) == repr(pickle.loads(content))
    assert found == value


@given(RUNS, st.integers(0, 5))
@settings(deadline=None)
def test_numbers_in_a_row_come_back(numbers: list[float], protocol: int) -> None:
    found = read_pickle(pickle.dumps(numbers, protocol))
    assert repr(found) == repr(numbers)


@given(st.binary(max_size=200), st.integers(0, 5))
@settings(deadline=None, max_examples=500)
def test_bytes_of_any_kind_are_a_value_or_no_readable_pickle(content: bytes, protocol: int) -> None:
    for damaged in (content, pickle.dumps([1, {"a": (2.5, "x")}, {3}], protocol) + content):
        for limits in (TO_SHOW, to_use()):
            with contextlib.suppress(UnreadablePickle, PayloadTooLarge):
                read_pickle(damaged[:-1] + b".", limits)


@given(VALUES, st.integers(0, 5), st.data())
@settings(deadline=None, max_examples=300)
def test_a_damaged_byte_is_a_value_or_no_readable_pickle(
    value: Any, protocol: int, data: st.DataObject
) -> None:
    content = bytearray(pickle.dumps(value, protocol))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadablePickle, PayloadTooLarge):
        read_pickle(bytes(content), TO_SHOW)


def test_what_two_places_refer_to_is_one_object() -> None:
    shared = ["x"]
    one, other, pair = read_pickle(pickle.dumps([shared, shared, (shared, shared)]))
    assert one is other is pair[0] is pair[1]


def test_pickles_of_python_2_are_read() -> None:
    content = b"(dp0\nS'mean'\np1\nF53.25\nsVname\np2\nV\xe9\np3\nsI01\nL7L\ns."
    assert read_pickle(content) == {"mean": 53.25, "name": "é", True: 7}


@pytest.mark.parametrize(
    "value",
    [
        {Decimal("1.5"): 1},
        {(1, (2, "x")): 1},
        {uuid.UUID(int=1): 2},
        {2**70: 1},
        {frozenset([1, 2]): 3},
        {1 + 2j},
        {dt.date(2020, 1, 1): 1},
        {n * 10**20: n for n in range(5_000)},
        {(n, n): n for n in range(5_000)},
    ],
    ids=range(9),
)
def test_ordinary_keys_are_no_offence(value: Any) -> None:
    assert read_pickle(pickle.dumps(value)) == value


def test_what_was_read_before_a_limit_is_kept() -> None:
    value = {"a": list(range(300_000)), "b": 1}
    with pytest.raises(PayloadTooLarge) as error:
        read_pickle(pickle.dumps(value), TO_SHOW)
    [partial] = error.value.partial
    assert partial["a"][:3] == [0, 1, 2]
    assert 190_000 < len(partial["a"]) <= 203_000
