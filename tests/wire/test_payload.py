"""Payloads, against those that vantage6 3.7.3 writes."""

import base64
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from v6sim.wire import payload
from v6sim.wire.payload import UnreadablePayload

FACTS = json.loads(Path(__file__).with_name("serialization.json").read_text())


def of(case: dict[str, Any]) -> bytes:
    return base64.b64decode(case["bytes_base64"])


def named(group: str) -> pytest.MarkDecorator:
    def name(case: dict[str, Any]) -> str:
        detail = case.get("data_format", case.get("output_format", ""))
        return f"{case['name']}, {detail}"

    return pytest.mark.parametrize("case", FACTS[group], ids=name)


@named("inputs")
def test_an_input_is_written_as_the_genuine_client_writes_it(case: dict[str, Any]) -> None:
    # the JSON of the facts has lost which of its texts were one object, which pickles show
    value = json.loads(json.dumps(case["value"]), object_hook=interned)
    assert payload.serialize(value, case["data_format"]) == of(case)


def interned(found: dict[str, Any]) -> dict[str, Any]:
    def same(value: Any) -> Any:
        return sys.intern(value) if isinstance(value, str) else value

    return {same(key): same(value) for key, value in found.items()}


@named("inputs")
def test_an_input_of_the_genuine_client_can_be_read(case: dict[str, Any]) -> None:
    assert payload.read(of(case)) == case["value"]


@named("outputs")
def test_an_output_of_the_genuine_wrapper_can_be_read(case: dict[str, Any]) -> None:
    value = payload.read(of(case))
    shown = repr(value) if isinstance(value, str) else str(value)
    assert shown == case["user_client_reads"]


@named("odd")
def test_what_the_genuine_client_cannot_read_is_told_apart(case: dict[str, Any]) -> None:
    expected: str = case["client_load_data"]
    if expected.startswith("returned "):
        assert repr(payload.read(of(case))) == expected.removeprefix("returned ")
    elif case["name"] == "empty":
        assert payload.read(b"") is None
    else:
        with pytest.raises(UnreadablePayload):
            payload.read(of(case))


@named("of_r")
def test_payloads_of_r_are_known_as_such(case: dict[str, Any]) -> None:
    expected = "json" if case["name"].startswith("json") else "rds"
    assert payload.format_of(of(case)) == expected


def test_an_unknown_data_format_is_refused() -> None:
    with pytest.raises(ValueError, match="no data format 'csv'"):
        payload.serialize({}, "csv")


def test_a_prefix_without_valid_json_says_so() -> None:
    with pytest.raises(UnreadablePayload, match="its prefix says JSON"):
        payload.read(b"json.{")


def test_a_prefix_is_looked_for_in_ten_bytes_only() -> None:
    assert payload.split(b"123456789.rest") == ("123456789", b"rest")
    assert payload.split(b"1234567890.rest") == (None, b"1234567890.rest")


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256))])
def test_text_and_bytes_are_each_others_inverse(content: bytes) -> None:
    assert payload.to_bytes(payload.to_text(content)) == content


def test_text_is_decoded_leniently() -> None:
    assert payload.to_bytes("!!!") == b""
    assert payload.to_bytes("aGVs\nbG8=") == b"hello"
    with pytest.raises(UnreadablePayload, match="not base64"):
        payload.to_bytes("abc")


def test_reading_a_result_imports_no_numpy() -> None:
    script = (
        "import sys; from v6sim.wire.payload import read;"
        f"read({pickle.dumps({'average': 53.25})!r}); assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
