"""The ledger keeps what left in order, and stays within its bounds."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.egress.conftest import departure
from v6sim.egress import kept
from v6sim.egress.entries import Origin
from v6sim.egress.inspection import inspect
from v6sim.egress.kept import UnreadableFile
from v6sim.egress.ledger import MOST_REFUSED, Ledger

ORIGIN = Origin("north - trial Node", "north", "trial", {"default": "north.csv"})


def test_what_left_is_there_in_order() -> None:
    ledger = Ledger()
    for kind in ("request", "subtask input", "log", "result"):
        ledger.note(departure(kind, kind.encode(), receivers=(3,)), ORIGIN)
    entries = list(ledger)
    assert [each.kind for each in entries] == ["request", "subtask input", "log", "result"]
    assert [each.number for each in entries] == [1, 2, 3, 4]
    assert entries[3].content == b"result"
    assert entries[3].size == 6
    assert entries[3].receivers == (3,)
    assert entries[3].origin.organization == "north"


def test_a_task_has_what_left_because_of_those_below_it() -> None:
    ledger = Ledger()
    for run, task, parent in ((1, 1, None), (2, 2, None), (3, 3, 1), (4, 4, 3), (5, 5, 2)):
        ledger.note(departure(run_id=run, task_id=task, parent_id=parent), ORIGIN)
    ledger.note(departure(run_id=None, task_id=None), ORIGIN)
    assert [each.task_id for each in ledger.of_task(1)] == [1, 3, 4]
    assert [each.task_id for each in ledger.of_task(5)] == [5]
    assert ledger.of_task(9) == []


def test_a_poll_is_one_entry_however_often_it_is_made() -> None:
    ledger = Ledger()
    for _ in range(3):
        last = ledger.note(departure("request", b"GET /task/2\n"), ORIGIN)
    ledger.note(departure("request", b"GET /task/2\n", run_id=2), ORIGIN)
    assert last.times == 3
    assert [(each.run_id, each.times) for each in ledger] == [(1, 3), (2, 1)]


def test_results_are_never_taken_for_one_another() -> None:
    ledger = Ledger()
    for _ in range(2):
        ledger.note(departure("result", b"json.1"), ORIGIN)
    assert [each.times for each in ledger] == [1, 1]


def test_the_oldest_contents_go_first_and_their_entries_stay() -> None:
    ledger = Ledger(most_bytes=10)
    for content in (b"aaaa", b"bbbb", b"cccc"):
        ledger.note(departure("log", content), ORIGIN)
    assert [each.content for each in ledger] == [None, b"bbbb", b"cccc"]
    assert [each.size for each in ledger] == [4, 4, 4]


def test_a_content_beyond_the_bounds_does_not_push_out_the_others() -> None:
    ledger = Ledger(most_bytes=10)
    for content in (b"aaaa", b"b" * 11, b"cccc"):
        ledger.note(departure("log", content), ORIGIN)
    assert [each.content for each in ledger] == [b"aaaa", None, b"cccc"]


def test_the_oldest_entries_go_when_there_are_too_many() -> None:
    ledger = Ledger(most_entries=2, most_bytes=10)
    for number in range(100):
        ledger.note(departure("request", b"%04d" % number), ORIGIN)
    dropped, *entries = ledger
    assert [each.content for each in entries] == [b"0098", b"0099"]
    assert (dropped.kind, dropped.times) == ("dropped entries", 98)
    assert ledger.note(departure("request", b"0000"), ORIGIN).times == 1


def test_requests_go_before_what_left_and_that_some_did_is_a_finding() -> None:
    ledger = Ledger(most_entries=4)
    for kind in ("result", "log"):
        ledger.note(departure(kind, b"1", task_id=3), ORIGIN)
    for number in range(100):
        ledger.note(departure("request", b"GET /task?a=%d\n" % number, task_id=5), ORIGIN)
    assert [each.kind for each in ledger] == [
        "dropped entries", "result", "log", "request", "request",
    ]  # fmt: skip
    assert [each.kind for each in ledger.of_task(3)] == ["dropped entries", "result", "log"]
    assert ledger.of_task(6) == []
    [first, *_] = inspect(ledger, {})
    assert [each.rule for each in first.findings] == ["not-fully-checked"]


def test_what_was_refused_does_not_push_out_what_left() -> None:
    ledger = Ledger(most_entries=1000)
    ledger.note(departure("result", b"1"), ORIGIN)
    for run in (None, 1):
        for number in range(2000):
            ledger.note(departure("refused request", b"GET /%d\n" % number, run_id=run), ORIGIN)
    entries = list(ledger)
    assert len(entries) == 1 + 2 * (MOST_REFUSED + 1)
    assert (entries[0].kind, entries[0].content) == ("result", b"1")
    assert [each.times for each in entries if each.times > 1] == [1900, 1900]


def test_a_ledger_that_is_cleared_counts_anew() -> None:
    ledger = Ledger()
    ledger.note(departure("request", b"GET /"), ORIGIN)
    ledger.clear()
    assert list(ledger) == []
    assert ledger.note(departure("request", b"GET /"), ORIGIN).number == 1


# --- in a file ---


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    path, ledger = tmp_path / "egress.jsonl", Ledger()
    kept.begin(path)
    for each in (
        departure("result", b"\x80\x03K\x05.", receivers=(1, 2), task_id=4, parent_id=3),
        departure("log", b"hello", run_id=None, task_id=None),
    ):
        at = datetime(2024, 1, 2, tzinfo=UTC)
        kept.write(path, ledger.note(each, ORIGIN, at), each.content, {1: "north"})
    found, names = kept.read(path)
    assert list(found) == list(ledger)
    [first, _] = inspect(found, names)
    assert first.receivers == ["north", "organization 2"]
    assert first.reading.value == 5
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["nonsense", "{}", "[1]", '{"at": 1}'])
def test_a_file_of_something_else_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match="other:1 is no entry of a ledger"):
        kept.read(path)
