"""JSON with long texts: read and written in pieces, it says the same as in one."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v6sim.wire import json_reader
from v6sim.wire.json_reader import NO_LIMITS, JsonLimits, JsonReader, JsonTooLarge, check_short
from v6sim.wire.json_writer import JsonDocument
from v6sim.wire.long_text import LongText, OmittedText, TextOmitted

FEW = 5
"""Bytes from which a string counts as long here, so that all that can happen does."""

HARD = st.text(
    st.sampled_from('ab\\"/\n\té€漢\U0001f600\ud83d\ude00\x00u') | st.characters(), max_size=60
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HARD,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(HARD, inside, max_size=4),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_reader, "LONG", FEW)
    monkeypatch.setattr(json_reader, "_SHORT", FEW - 3)


def read(
    content: bytes, cuts: list[int], keep: float = float("inf"), limits: JsonLimits = NO_LIMITS
) -> Any:
    reader = JsonReader(keep, limits)
    begin = 0
    for cut in sorted({each % (len(content) + 1) for each in cuts}):
        reader.feed(content[begin:cut])
        begin = cut
    reader.feed(content[begin:])
    return reader.value()


def as_one(value: Any) -> Any:
    if isinstance(value, LongText):
        return str(value)
    if isinstance(value, list):
        return [as_one(each) for each in value]
    if isinstance(value, dict):
        return {key: as_one(each) for key, each in value.items()}
    return value


CUTS = st.lists(st.integers(0, 10_000), max_size=12)


def same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


@settings(max_examples=300)
@given(VALUES, CUTS, st.booleans(), st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig"]))
def test_a_document_is_read_as_json_reads_it(
    value: Any, cuts: list[int], is_ascii: bool, encoding: str
) -> None:
    content = json.dumps(value, ensure_ascii=is_ascii).encode(encoding, "surrogatepass")
    try:
        expected = json.loads(content)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            read(content, cuts)
    else:
        assert same(as_one(read(content, cuts)), expected)


@settings(max_examples=300)
@given(
    st.text(st.sampled_from('\\"ud83de0[]{},: ntz\x01é')).map(str.encode)
    | st.binary().map(lambda inside: b'["' + inside + b'"]')
    | st.text(st.sampled_from("\\ud83e0")).map(lambda inside: f'["{inside}"]'.encode()),
    CUTS,
)
def test_what_json_refuses_is_refused(content: bytes, cuts: list[int]) -> None:
    try:
        expected = json.loads(content)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            read(content, cuts)
    else:
        assert same(as_one(read(content, cuts)), expected)


@given(HARD.filter(lambda text: len(text) > FEW), CUTS, st.integers(0, 70))
def test_of_a_string_that_is_too_long_only_the_length_is_kept(
    text: str, cuts: list[int], keep: int
) -> None:
    [found] = read(json.dumps([text]).encode(), cuts, keep)
    text = json.loads(json.dumps(text))
    assert isinstance(found, LongText)
    assert found.size == len(text)
    if len(text) <= keep:
        assert str(found) == text
    else:
        assert isinstance(found, OmittedText)
        with pytest.raises(TextOmitted, match=f"{len(text)} characters"):
            str(found)


LIMITS = JsonLimits(values=4, skeleton=10_000, name=FEW)


@given(VALUES, CUTS)
def test_a_document_within_limits_is_read_whole(value: Any, cuts: list[int]) -> None:
    content = json.dumps(value).encode()
    try:
        found = read(content, cuts, limits=LIMITS)
    except JsonTooLarge:
        assert count(value) > LIMITS.values or has_name(value)
    else:
        assert count(value) <= LIMITS.values
        assert same(as_one(found), json.loads(content))


def count(value: Any) -> int:
    """How many commas and brackets a value has outside of its texts."""
    if not isinstance(value, dict | list):
        return 0
    inside = value.values() if isinstance(value, dict) else value
    return max(len(value), 1) + sum(map(count, inside))


def has_name(value: Any) -> bool:
    if isinstance(value, dict):
        return any(len(name) > FEW or has_name(each) for name, each in value.items())
    return isinstance(value, list) and any(map(has_name, value))


def test_what_stands_in_texts_does_not_count() -> None:
    check_short(b'["[,,,{{{,\\",[,,,,", 1]', LIMITS)
    check_short(b'["[,,,{{{,', LIMITS)  # it is no JSON, which others will say
    with pytest.raises(JsonTooLarge, match="more than 4 values"):
        check_short(b'["[", 1, 2, 3, 4]', LIMITS)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_with_limits_a_long_document_has_to_be_utf_8(encoding: str) -> None:
    with pytest.raises(JsonTooLarge, match="has to be UTF-8"):
        read(json.dumps([1, 2]).encode(encoding), [], limits=LIMITS)


PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(st.lists(PLAIN, max_size=4), max_size=4), st.booleans())
def test_a_document_is_written_as_its_long_texts_say(texts: list[list[str]], omit: bool) -> None:
    value = {"n": 1, "texts": [LongText(pieces) for pieces in texts], "end": "\ue000"}
    document = JsonDocument(value, omit_long=omit)
    written = b"".join(document)
    assert written == b"".join(document)  # it can be written again
    assert len(written) == document.size
    wholes = ["".join(pieces) for pieces in texts]
    expected: list[Any] = [{"omitted": len(each)} for each in wholes] if omit else wholes
    assert json.loads(written) == {"n": 1, "texts": expected, "end": "\ue000"}
    assert document.has_omitted == (omit and bool(texts))


def test_a_text_that_is_drained_is_let_go_of() -> None:
    text = LongText(["one", "two"])
    assert (text.size, list(text.drain()), list(text)) == (6, ["one", "two"], [])
