"""Whatever leaves, the ledger can show and check it."""

import base64
import contextlib
import json
import pickle
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.egress.conftest import entry
from v6sim.egress.checks.rule import Thresholds
from v6sim.egress.checks.rules import check
from v6sim.egress.inspection import Inspection
from v6sim.egress.local_data import LocalData, Place
from v6sim.wire.r_serialized import UnreadableR, read_r

R_VALUES = json.loads((Path(__file__).parent.parent / "wire" / "r_values.json").read_text())
PAYLOADS_OF_R = [base64.b64decode(case["bytes_base64"]) for case in R_VALUES["values"]]
KNOWN = LocalData(
    unique={1234.0: Place("default", "x"), "word": Place("default", "y")}, lengths={3: "3 rows"}
)
SINGLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
VALUES = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(VALUES)
@settings(deadline=None)
def test_any_value_is_shown_and_checked(value: Any) -> None:
    inspection = Inspection(entry("result", pickle.dumps(value)), {}, Thresholds())
    json.dumps(inspection.row(full=True))
    assert inspection.reading.problem == ""
    check(inspection.reading, KNOWN, Thresholds())


@given(st.binary(), st.sampled_from(["result", "subtask input", "log", "request"]))
@settings(deadline=None)
def test_any_bytes_are_shown_and_checked(content: bytes, kind: str) -> None:
    json.dumps(Inspection(entry(kind, content), {}, Thresholds()).row(full=True))


@given(st.sampled_from(PAYLOADS_OF_R), st.integers(0, 10**6), st.integers(0, 255))
@settings(deadline=None, max_examples=500)
def test_damaged_payloads_of_r_are_read_or_refused(content: bytes, at: int, byte: int) -> None:
    damaged = bytearray(content)
    damaged[at % len(content)] = byte
    with contextlib.suppress(UnreadableR):
        read_r(bytes(damaged))
