"""Payloads of R, against those that R itself writes."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests import bombs
from v6sim.wire.limits import PayloadTooLarge
from v6sim.wire.payload import UnreadablePayload, read
from v6sim.wire.r_serialized import UnreadableR, read_r

FACTS = json.loads(Path(__file__).with_name("r_values.json").read_text())["values"]


def of(case: dict[str, Any]) -> bytes:
    return base64.b64decode(case["bytes_base64"])


@pytest.mark.parametrize("case", FACTS, ids=lambda case: case["r"])
def test_what_r_writes_is_read_or_said_to_be_no_data(case: dict[str, Any]) -> None:
    if "unreadable" in case:
        with pytest.raises(UnreadableR, match=case["unreadable"].replace("(", r"\(")[:20]):
            read_r(of(case))
    else:
        assert repr(read_r(of(case))) == case["python"]


def test_a_payload_of_r_is_read_with_its_prefix_and_without() -> None:
    content = of(next(case for case in FACTS if case["r"] == "list(sum=253, count=4L)"))
    for payload in (content, b"rds." + content, b"RDS." + content, gzip.compress(content)):
        assert read(payload) == {"sum": 253.0, "count": 4}


@pytest.mark.parametrize("case", FACTS, ids=lambda case: case["r"])
def test_a_payload_of_r_that_is_cut_short_says_so(case: dict[str, Any]) -> None:
    content = of(case)
    for size in range(2, len(content) - 1, 7):
        with pytest.raises(UnreadableR):
            read_r(content[:size])


def test_a_vector_cannot_be_longer_than_its_payload() -> None:
    header = of(FACTS[0])[:23]
    with pytest.raises(UnreadableR, match="2147483647 elements in fewer bytes"):
        read_r(header + (19).to_bytes(4, "big") + (2**31 - 1).to_bytes(4, "big"))


def test_lists_in_lists_without_end_are_no_crash() -> None:
    header, one_list = of(FACTS[0])[:23], (19).to_bytes(4, "big") + (1).to_bytes(4, "big")
    with pytest.raises(PayloadTooLarge, match="more than 100 deep"):
        read_r(header + one_list * 100_000)


def test_what_is_not_of_r_is_an_unreadable_payload() -> None:
    with pytest.raises(UnreadablePayload, match="only R's binary form"):
        read(b"rds.abc")


def test_columns_of_one_name_are_all_kept() -> None:
    about = bombs.r_attributes(
        names=bombs.r_texts("a", "a", "[2]"), **{"class": bombs.r_texts("data.frame")}
    )
    content = bombs.r(bombs.r_list(*map(bombs.r_integers, (1, 2, 3)), more=0x200) + about)
    assert read_r(content) == {"a": [1], "[2]": [2], "[3]": [3]}
