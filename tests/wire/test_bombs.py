"""Payloads that grow: whoever reads, shows, compares or checks them ends soon, and stays small."""

import dataclasses
import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import bombs
from tests.egress.conftest import entry
from tests.measured import Measured, measured
from tests.wide import some
from v6sim.egress.checks.rule import Thresholds
from v6sim.egress.inspection import Inspection
from v6sim.inspector.payloads import show_elsewhere
from v6sim.recording.asked import in_words
from v6sim.testing.pooled import differences, listed
from v6sim.wire import payload
from v6sim.wire.indented_json import write_json
from v6sim.wire.limits import TO_SHOW_AT_ONCE, PayloadLimits, UnreadablePayload, to_use
from v6sim.wire.payload import to_text
from v6sim.wire.payload_text import print_payload
from v6sim.wire.plain import plain
from v6sim.wire.printing import as_json

SECONDS_TO_SHOW, MEGABYTES_TO_SHOW = 5, 250  # on a machine that is busy with other tests
USED = PayloadLimits(values=500_000, made_bytes=100 * 2**20, depth=500, remedy="!")
"""Less than the usual limits, which takes less time."""

DATA = "patient_id,age,note\n" + "".join(f"P-{n:03},{20 + n},note {n} of many\n" for n in range(60))


@cache
def content_of(name: str) -> bytes:
    """The payload; another process makes it, as some of them are large before they are small."""
    made = measured(bombs.ALL[name])
    assert not made.is_error, made.value
    return bytes(made.value)


def or_refused(do: Callable[..., Any]) -> Callable[..., str]:
    """What something gives as a text, or the words in which it is refused."""

    def attempt(*args: Any) -> str:
        try:
            return str(do(*args))
        except UnreadablePayload as error:
            return f"refused: {error}"

    attempt.__name__ = do.__name__
    return attempt


@or_refused
def text(content: bytes) -> Any:
    return print_payload(content)


@or_refused
def text_at_once(content: bytes) -> Any:
    return print_payload(content, as_json, TO_SHOW_AT_ONCE)


@or_refused
def page(content: bytes) -> Any:
    return json.loads(show_elsewhere(to_text(content), iter(())))


@or_refused
def recording(content: bytes) -> Any:
    return "\n".join(in_words(content))


@or_refused
def egress(content: bytes, kind: str, data: Path) -> Any:
    left = entry(kind, content)
    left.origin = dataclasses.replace(left.origin, databases={"default": str(data)})
    return json.dumps(Inspection(left, {}, Thresholds()).row(full=True))


@or_refused
def use(content: bytes, limits: PayloadLimits) -> Any:
    return type(payload.read(content, limits)).__name__


@or_refused
def json_of(content: bytes, limits: PayloadLimits) -> Any:
    written = Counting()
    write_json(plain(payload.read(content, limits), limits), written.write)
    return written.length


@or_refused
def comparison(content: bytes, limits: PayloadLimits) -> Any:
    one, other = (payload.read(content, limits) for _ in range(2))
    return listed(differences(one, other, limits=limits))


class Counting(io.TextIOBase):
    """A file of which only the length is kept."""

    def __init__(self) -> None:
        self.length = 0

    def write(self, text: str) -> int:
        self.length += len(text)
        return len(text)


def check(found: Measured, seconds: float, megabytes: float) -> None:
    assert not found.is_error, found.value
    assert found.seconds < seconds
    assert found.megabytes < megabytes


@pytest.mark.parametrize("name", some(bombs.ALL, 3))
def test_a_payload_that_grows_is_shown_in_part_or_refused(name: str) -> None:
    content = content_of(name)
    for show in (text, text_at_once, page, recording):
        check(measured(show, content), SECONDS_TO_SHOW, MEGABYTES_TO_SHOW)


@pytest.mark.parametrize("name", some(bombs.ALL, 4))
def test_a_payload_that_grows_is_checked_as_far_as_that_goes(name: str, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(DATA)
    found = measured(egress, content_of(name), "result", tmp_path / "data.csv")
    check(found, SECONDS_TO_SHOW + 2, MEGABYTES_TO_SHOW)  # the checks stop after five


LARGE_TEXTS = {
    "a table": "a,b\n" + "1,2\n" * 500_000,
    "a ragged table": "a,b\n" + "1,2\n1\n" * 500_000,
    "deep arrays": "[" * 1_000_000,
    "one array": "[" + "1," * 1_000_000 + "1]",
    "words of the data": "note 7 of many " * 200_000,
    "one word": "a" * 5_000_000,
    "addresses": "a@b.org " * 300_000,
    "half an address": "a@" + "a." * 1_000_000 + "1",
    "digits": "0 1" * 1_000_000,
    "spaces": "n" + " " * 2_000_000 + "x",
    "counts": "n = 3 " * 500_000,
    "lines": "\n" * 2_000_000 + "x",
}


@pytest.mark.parametrize("kind", ["log", "request", "result"])
@pytest.mark.parametrize("name", LARGE_TEXTS)
def test_a_large_text_is_checked_as_far_as_that_goes(name: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(DATA)
    begin = "POST /task?a=1\n" if kind == "request" else ""
    content = (begin + LARGE_TEXTS[name]).encode()
    found = measured(egress, content, kind, tmp_path / "data.csv")
    check(found, 2 * SECONDS_TO_SHOW, MEGABYTES_TO_SHOW)
    assert "not-fully-checked" in found.value


@pytest.mark.parametrize("name", some(bombs.ALL, 5))
def test_a_payload_that_grows_is_used_whole_or_refused(name: str) -> None:
    content = content_of(name)
    for do in (use, json_of, comparison):
        check(measured(do, content, USED), 2 * SECONDS_TO_SHOW, 2 * MEGABYTES_TO_SHOW)


@pytest.mark.parametrize("name", bombs.CASES)
def test_those_that_were_seen_first_are_quick_to_be_used_too(name: str) -> None:
    content = content_of(name)
    for do in (use, comparison):
        check(measured(do, content, to_use()), SECONDS_TO_SHOW, MEGABYTES_TO_SHOW)


STOPPED = {
    "laughs-7x10": "stopped after 200,000 values",
    "laughs-9x10": "stopped after 200,000 values",
    "laughs-40x2-tuples": "stopped after 200,000 values",
    "long-integer-json": "stopped at an integer of more than 4,300 digits",
    "long-integer-pickle": "stopped at an integer of more than 4,300 digits",
    "r-matrix": "stopped after 200,000 values",
    "r-zeros": "stopped after 200,000 values",
    "deep lists": "stopped at a depth of 100",
    "a list in itself": "stopped at a depth of 100",
}


@pytest.mark.parametrize("name", STOPPED)
def test_what_is_shown_says_where_it_stopped(name: str) -> None:
    shown = print_payload(content_of(name))
    assert shown.stopped == STOPPED[name]
    assert str(shown).endswith(f" ... ({STOPPED[name]})")
    assert len(shown.text) > 10


@pytest.mark.parametrize("name", ["laughs-9x10", "laughs-40x2-tuples", "r-matrix", "r-zeros"])
def test_what_is_used_names_the_limit_and_the_setting(name: str) -> None:
    with pytest.raises(UnreadablePayload) as error:
        payload.read(content_of(name))
    assert "more than 50,000,000 values" in str(error.value)
    assert "`max_payload_values` (now 50,000,000)" in str(error.value)


def test_json_of_what_is_shared_is_whole() -> None:
    content = bombs.P(bombs.laughs(4, 10))
    written = io.StringIO()
    write_json(plain(payload.read(content)), written.write)
    assert json.loads(written.getvalue()) == bombs.laughs(4, 10)
