"""What left is decoded, whatever form it has, and nothing in it is executed."""

import base64
import collections
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.egress.conftest import entry
from v6sim.egress.content import take_apart
from v6sim.egress.reading import read

WIRE = Path(__file__).parent.parent / "wire"
FACTS = json.loads((WIRE / "serialization.json").read_text())
OF_R = json.loads((WIRE / "r_values.json").read_text())["values"]
VECTORS = [
    pytest.param(base64.b64decode(case["bytes_base64"]), case, id=f"{group}: {case['name']}")
    for group in ("inputs", "outputs", "of_r")
    for case in FACTS[group]
]


@pytest.mark.parametrize(("content", "case"), VECTORS)
def test_every_form_of_the_genuine_libraries_is_decoded(content: bytes, case: Any) -> None:
    for kind in ("result", "subtask input"):
        reading = read(entry(kind, content))
        assert reading.problem == ""
        assert reading.form in ("json", "pickle", "rds")
        if "user_client_reads" in case and not isinstance(reading.value, str):
            assert str(reading.value) == case["user_client_reads"]
        elif "value" in case:
            assert reading.value == case["value"]
    assert take_apart(reading.value).is_whole


@pytest.mark.parametrize("case", [case for case in OF_R if "python" in case], ids=lambda c: c["r"])
def test_every_value_of_r_is_decoded_and_taken_apart(case: dict[str, str]) -> None:
    reading = read(entry("result", base64.b64decode(case["bytes_base64"])))
    assert reading.text == str(reading.value)
    assert take_apart(reading.value).is_whole


def test_json_is_shown_as_it_is() -> None:
    reading = read(entry("result", b'json.{"a": [1, 2], "b": null}'))
    assert reading.text == '{"a": [1, 2], "b": null}'
    assert reading.value == {"a": [1, 2], "b": None}


def test_a_pickle_of_anything_else_is_shown_and_not_executed(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "harm",)

    reading = read(entry("result", pickle.dumps(Harm())))
    assert not reading.problem
    assert (reading.value.module, reading.value.type) == ("pathlib", "Path.touch")
    assert not (tmp_path / "harm").exists()
    shown = read(entry("result", pickle.dumps(collections.UserDict(a=1)))).text
    assert shown.startswith("ForeignObject(type='UserDict', module='collections'")


def test_a_request_is_shown_with_its_query_and_body() -> None:
    reading = read(entry("request", b'POST /port?a=1&b=\n{"port": 8888}'))
    assert reading.value == {
        "method": "POST", "path": "/port", "query": {"a": "1", "b": ""}, "body": {"port": 8888},
    }  # fmt: skip
    assert reading.text == 'POST /port?a=1&b=\n{"port": 8888}'
    assert read(entry("request", b"PUT /x\nno json")).value["body"] == "no json"


def test_a_log_is_text_even_if_it_is_no_utf_8() -> None:
    assert read(entry("log", "é".encode("latin-1") + b" ok")).text == "\ufffd ok"


def test_a_text_in_no_known_form_is_still_a_text() -> None:
    reading = read(entry("result", b'{"method":"x"}'))
    assert (reading.form, reading.value) == ("text", '{"method":"x"}')


@pytest.mark.parametrize("content", [b"\x01\x02\x03", b"\xff\xfe", b"\x80\x03.", None])
def test_what_cannot_be_read_says_why(content: bytes | None) -> None:
    reading = read(entry("result", content))
    assert reading.problem
    assert reading.value is None


def test_an_empty_payload_is_nothing_to_read() -> None:
    reading = read(entry("result", b""))
    assert (reading.form, reading.value, reading.text, reading.problem) == ("empty", None, "", "")


def test_values_nested_without_end_are_no_crash() -> None:
    deep = b"\x80\x04" + b"]" * 100_000 + b"a" * 99_999 + b"."
    assert read(entry("result", deep)).printed.stopped == "stopped at a depth of 100"
    assert read(entry("result", b"json." + b"[" * 100_000)).problem == ""  # a text
    assert read(entry("request", b"POST /x\n" + b"[" * 100_000)).value["path"] == "/x"


# --- taken apart ---


def leaves(value: Any) -> dict[str, Any]:
    return {leaf.where: leaf.value for leaf in take_apart(value).leaves if not leaf.is_key}


def test_single_values_say_where_they_stand() -> None:
    value = {"a": [1, {"b": "x"}], "c": b"bytes", "d": None, "e": float("nan")}
    assert leaves(value) == {"a[0]": 1, "a[1].b": "x", "c": "bytes"}


def test_json_in_a_text_is_taken_apart_too() -> None:
    assert leaves({"frame": '{"age": {"0": 61}}'})["frame.age.0"] == 61


def test_a_pickle_in_bytes_is_taken_apart_too() -> None:
    assert leaves([pickle.dumps({"a": 1})]) == {"[0].a": 1}
    assert take_apart({"x": b"\xff\x00"}).opaque == ["x"]


def columns(value: Any) -> dict[str, list[Any]]:
    return {column.where: list(column.values) for column in take_apart(value).columns}


def test_columns_are_found_in_every_form_of_a_table() -> None:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({"x": [1, 2], "y": ["p", "q"]})
    assert columns(frame) == {"x": [1, 2], "y": ["p", "q"]}
    assert columns(frame.to_dict("list")) == {"x": [1, 2], "y": ["p", "q"]}
    assert columns(frame.to_dict("records")) == {"": [], "x": [1, 2], "y": ["p", "q"]}
    assert columns(frame.to_json()) == {"x": [1, 2], "y": ["p", "q"]}
    assert columns(frame.to_csv(index=False)) == {"x": ["1", "2"], "y": ["p", "q"]}
    assert columns(frame["x"]) == {"x": [1, 2]}
    assert columns(np.array([[1, 3], [2, 4]])) == {"": [], "[.., 0]": [1, 2], "[.., 1]": [3, 4]}


def test_what_is_very_large_is_looked_at_in_part() -> None:
    assert not take_apart(list(range(300_000))).is_whole
