"""What is waited for is told once it has been the same for a while."""

import pytest

from v6sim import wait_notices
from v6sim.wait_notices import WaitNotices
from v6sim.wire.wait_reasons import SECONDS


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(wait_notices, "time", clock)
    return clock


def looked(clock: Clock, reasons: list[list[str]]) -> list[tuple[float, str]]:
    """What is told, and when, if these are the reasons of each second."""
    told: list[tuple[float, str]] = []
    notices = WaitNotices(
        lambda: reasons[int(clock.now)], lambda line: told.append((clock.now, line))
    )
    while clock.now < len(reasons) - 0.5:
        notices.look()
        clock.now += 0.25
    return told


def test_what_stays_is_told_once(clock: Clock) -> None:
    assert looked(clock, [["a"]] * 20) == [(SECONDS, "a")]


def test_what_changes_all_the_time_is_not_told(clock: Clock) -> None:
    """A master asks for one short subtask after another: nothing is waited for."""
    assert looked(clock, [[str(number)] for number in range(30)]) == []


def test_what_comes_later_is_told_after_as_long(clock: Clock) -> None:
    reasons = [["a"]] * 3 + [["a", "b"]] * 12
    assert looked(clock, reasons) == [(SECONDS, "a"), (3 + SECONDS, "b")]


def test_what_goes_and_comes_again_begins_anew(clock: Clock) -> None:
    assert looked(clock, [["a"]] * 4 + [[]] * 2 + [["a"]] * 4) == []
