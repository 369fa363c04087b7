"""Limits of payloads: what is shown stops, what is used is whole or an error."""

import json
import math
import pickle
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import bombs
from v6sim.recording.asked import in_words
from v6sim.testing.result_comparison import differences
from v6sim.wire import payload
from v6sim.wire.budget import Budget
from v6sim.wire.expansion import expand
from v6sim.wire.indented_json import write_json
from v6sim.wire.limits import (
    SETTING,
    TO_SHOW,
    VARIABLE,
    PayloadLimits,
    PayloadTooLarge,
    UnreadablePayload,
    to_use,
)
from v6sim.wire.plain import plain
from v6sim.wire.printing import as_json, as_python, as_repr
from v6sim.wire.value_digest import digest_of

SINGLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.text(), inner, max_size=6)
        | inner.map(lambda value: [value] * 3)
    ),
    max_leaves=30,
)


def written(value: Any) -> str:
    parts: list[str] = []
    write_json(value, parts.append)
    return "".join(parts)


# --- showing ---


@given(VALUES)
@settings(deadline=None)
def test_ordinary_values_are_shown_as_ever(value: Any) -> None:
    assert as_python(value).text == str(value).encode("utf-8", "backslashreplace").decode()
    assert as_repr(value).text == repr(value).encode("utf-8", "backslashreplace").decode()
    text = json.dumps(plain(value), indent=2, ensure_ascii=False)
    assert as_json(value).text == text.encode("utf-8", "backslashreplace").decode()


@given(VALUES, st.integers(1, 40), st.integers(1, 4), st.integers(1, 200))
@settings(deadline=None)
def test_no_more_is_shown_than_the_limits_allow(
    value: Any, values: int, depth: int, most: int
) -> None:
    limits = PayloadLimits(values=values, made_bytes=1000, depth=depth, seconds=5)
    size = expand(value, to_use())
    for write in (as_json, as_python, as_repr):
        shown = write(value, limits, most)
        assert len(shown.text.encode("utf-8", "backslashreplace").decode()) <= 10 * most
        if size.values > values or size.depth > depth:
            assert shown.stopped


TABLE = pd.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.mark.parametrize(
    "value",
    [
        {"average": 53.25},
        (1,), (), set(), frozenset(), {1}, frozenset({2}), {"a": (1, [2])}, b"bytes",
        np.arange(3), np.zeros((2, 2)), np.float64(1.5), np.array([{"a": 1}, None], dtype=object),
        TABLE, TABLE["a"], pd.Index([1, 2]), pd.RangeIndex(5), pd.Timestamp("2020-01-01"),
    ],
    ids=range(18),
)  # fmt: skip
def test_values_of_all_kinds_are_shown_as_ever(value: Any) -> None:
    assert as_python(value).text == str(value)
    assert as_repr(value).text == repr(value)
    assert json.loads(as_json(value).text) == plain(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([[1], (2,), {3}, frozenset([4]), set(), {"a": (5,)}], None),
        ({(1, "a"): 1}, None),
    ],
    ids=range(2),
)
def test_what_is_too_large_looks_like_python_too(value: Any, text: str | None) -> None:
    many = [value, [0] * 300_000]
    shown = as_python(many)
    assert shown.text.startswith(repr(many)[: len(repr(value))])
    assert shown.stopped == "stopped after 200,000 values"


def test_a_long_text_is_cut() -> None:
    shown = as_python("x" * 2_000_000)
    assert len(shown.text) == 1_000_000
    assert str(shown).endswith("... (stopped after 1,000,000 characters)")
    assert str(as_repr(["abc" * 100], most=10)) == "['abcabcab ... (stopped after 10 characters)"


def test_half_characters_do_no_harm() -> None:
    for write in (as_python, as_repr, as_json):
        write(["\ud800", {"\udfff": 1}]).text.encode()


def test_time_is_a_limit() -> None:
    limits = PayloadLimits(values=10**9, made_bytes=10**9, seconds=0.2)
    begun = time.monotonic()
    shown = as_json(bombs.laughs(40, 2), limits, 10**9)
    assert time.monotonic() - begun < 10
    assert shown.stopped == "stopped after 0.2 s"


# --- using ---


def test_the_setting_is_an_argument_or_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert to_use().values == 50_000_000
    assert to_use().made_bytes == 2**30
    monkeypatch.setenv(VARIABLE, "100_000_000")
    assert to_use().values == 100_000_000
    assert to_use().made_bytes == 2**31
    assert to_use(10).values == 10
    assert to_use(10).made_bytes == 2**30
    for wrong in ("0", "-1", "many", "1e6"):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(ValueError, match=f"{VARIABLE}='{wrong}': expected a number of values"):
            to_use()
    with pytest.raises(ValueError, match=SETTING):
        to_use(0)


@pytest.mark.parametrize(
    "make", [pickle.dumps, lambda value: b"json." + json.dumps(value).encode()]
)
def test_one_value_too_many_is_an_error(make: Any) -> None:
    content = make({"a": [1] * 97})
    assert payload.read(content, to_use(100)) == {"a": [1] * 97}
    with pytest.raises(
        PayloadTooLarge, match=r"more than 99 values.*`max_payload_values` \(now 99"
    ):
        payload.read(content, to_use(99))


def test_what_is_shared_counts_as_often_as_it_is_referred_to() -> None:
    content = pickle.dumps(bombs.laughs(2, 10))
    found = payload.read(content, to_use(1_000))
    assert found[0] is found[1]
    with pytest.raises(PayloadTooLarge):
        payload.read(content, to_use(200))


def test_arrays_count_by_bytes() -> None:
    array = np.zeros(10_000)
    assert payload.read(pickle.dumps(array), to_use(10)).shape == (10_000,)
    limits = PayloadLimits(values=10, made_bytes=10_000, remedy="!")
    with pytest.raises(PayloadTooLarge, match="more than 10,000 bytes"):
        payload.read(pickle.dumps(array), limits)


@given(VALUES)
@settings(deadline=None)
def test_json_that_is_used_is_that_of_the_standard_library(value: Any) -> None:
    found = plain(value)
    assert written(found) == json.dumps(found, indent=2)


@given(VALUES)
@settings(deadline=None)
def test_a_digest_does_not_tell_what_is_shared(value: Any) -> None:
    copied = pickle.loads(pickle.dumps(value)), json.loads(json.dumps(plain(value)))
    for copy in copied:
        assert digest_of(plain(copy), TO_SHOW) == digest_of(plain(value), TO_SHOW)
    assert digest_of([value, 1], TO_SHOW) != digest_of([value, 2], TO_SHOW)


def test_the_size_of_a_value_is_that_of_its_expansion() -> None:
    size = expand(bombs.laughs(7, 10), to_use())
    assert size.values == sum(10**n for n in range(8)) + 10**7
    assert size.depth == 8
    with pytest.raises(PayloadTooLarge, match="contains itself"):
        expand(bombs.cycle(list), to_use())


def test_a_budget_says_what_was_too_much() -> None:
    budget = Budget(PayloadLimits(values=5, made_bytes=5, depth=5, digits=5, seconds=math.inf))
    budget.take_values(5)
    budget.take_bytes(5)
    budget.check_depth(5)
    for do in (
        budget.take_values, lambda: budget.take_bytes(1), lambda: budget.check_depth(6),
    ):  # fmt: skip
        with pytest.raises(PayloadTooLarge):
            do()


# --- names ---


@pytest.mark.parametrize(
    "value",
    [{1: 1, "1": 2}, {("a",): 1, "('a',)": 2}, [{True: 1, "True": 2}],
     pd.Series([1, 2], index=["a", "a"]), pd.DataFrame([[1, 2]], columns=["a", "a"])],
    ids=range(5),
)  # fmt: skip
def test_no_item_is_lost_to_another_of_its_name(value: Any) -> None:
    with pytest.raises(UnreadablePayload, match="two keys that are one name in JSON"):
        plain(value)


def test_shown_names_are_distinct() -> None:
    text = as_json({1: "a", "1": "b", "1 (str)": "c"}).text
    assert json.loads(text) == {"1": "a", "1 (str)": "b", "1 (str) (str)": "c"}


LONG_NAME = "n" * 1_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({LONG_NAME + "a": 1}, {LONG_NAME + "b": 1}),
        ({1: 1}, {"1": 1}),
        ({("a",): 1}, {"('a',)": 1}),
        ({(LONG_NAME, 1): 1}, {(LONG_NAME, 2): 1}),
        ({1: 1, "1": 2}, {1: 2, "1": 1}),
        ({b"a" * 2_000: 1}, {b"a" * 2_001: 1}),
        ({10**5000: 1}, {10**5000 + 1: 1}),
    ],
    ids=range(7),
)
def test_values_whose_keys_differ_have_other_digests(one: Any, other: Any) -> None:
    assert digest_of(one, TO_SHOW) != digest_of(other, TO_SHOW)
    assert digest_of(one, TO_SHOW) == digest_of(pickle.loads(pickle.dumps(one)), TO_SHOW)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({LONG_NAME + "a": 1, LONG_NAME + "b": 2}, {LONG_NAME + "a": 1, LONG_NAME + "b": 3}),
        ({1: 1, "1": 2}, {1: 3, "1": 2}),
        ({10**5000: 1, 10**5000 + 1: 2}, {10**5000: 1, 10**5000 + 1: 3}),
    ],
    ids=range(3),
)
def test_a_comparison_and_a_recording_see_each_key(one: Any, other: Any) -> None:
    assert len(differences(one, other)) == 1
    assert list(in_words(pickle.dumps(one))) != list(in_words(pickle.dumps(other)))
    assert differences(one, dict(reversed(one.items()))) == []


def test_a_key_that_takes_gigabytes_as_a_text_is_an_error() -> None:
    value = payload.read(bombs.OF_PICKLES["a tuple of a long text as a key"]())
    with pytest.raises(PayloadTooLarge, match="more than 1,073,741,824 bytes"):
        plain(value)


@pytest.mark.parametrize("key", [10**5000, (10**5000,)], ids=range(2))
def test_a_key_of_too_many_digits_is_an_error(key: Any) -> None:
    with pytest.raises(PayloadTooLarge, match="an integer of more than 4,300 digits"):
        plain({key: 1})


# --- what is made ---


@pytest.mark.parametrize(
    "name",
    ["lists of one list twice", "lists of one list twice, deep in", "many numbers deep in",
     "many dimensions of one element", "a compact sequence of doubles"],
)  # fmt: skip
def test_what_would_be_more_than_a_gibibyte_is_an_error(name: str) -> None:
    with pytest.raises(PayloadTooLarge, match="more than 1,073,741,824 bytes"):
        plain(payload.read(bombs.ALL[name]()))


def test_indentation_is_counted_as_it_is_written() -> None:
    for value in ([1, [2, [3, "a"], {"b": [[4]]}]], bombs.laughs(3, 2), {"a": [[1, 2]] * 20}):
        text = written(value)
        indentation = sum(len(line) - len(line.lstrip()) for line in text.splitlines())
        assert expand(value, to_use()).indentation == indentation


@pytest.mark.parametrize("shape", [(2,) * 22, (5,) * 9, (1,) * 20 + (1_000_000,)], ids=range(3))
def test_arrays_of_many_dimensions_are_shown_soon(shape: tuple[int, ...]) -> None:
    begun = time.process_time()
    for write in (as_python, as_repr, as_json):
        assert len(write(np.zeros(shape, bool)).text) > 100
    assert time.process_time() - begun < 5


# --- keys that are made to collide ---


@pytest.mark.parametrize(
    "name", [name for name in bombs.OF_PICKLES if name.startswith("keys in each other's way")]
)
def test_keys_in_each_others_way_are_refused(name: str) -> None:
    with pytest.raises(UnreadablePayload, match="made to get in each other's way"):
        payload.read(bombs.OF_PICKLES[name]())


@pytest.mark.parametrize("make", [set, frozenset, dict.fromkeys])
def test_many_ordinary_keys_come_back(make: Any) -> None:
    for keys in (
        range(100_000),
        [n * 7.25 for n in range(30_000)],
        [(n, "a") for n in range(9_000)],
    ):
        value = make(keys)
        assert payload.read(pickle.dumps(value)) == value


@pytest.mark.parametrize("name", ["a type", "types in a list", "a type of NumPy"])
def test_types_are_placeholders(name: str) -> None:
    found = payload.read(bombs.ALL[name]())
    assert "ForeignObject" in json.dumps(plain(found))
    assert digest_of(found, TO_SHOW) == digest_of(payload.read(bombs.ALL[name]()), TO_SHOW)
