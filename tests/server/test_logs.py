"""What running algorithms have printed so far."""

from v6sim.server.events import Event, Events, RunLogged, RunUpdated
from v6sim.server.logs import Logs


def test_a_log_is_kept_up_to_a_size_and_without_gaps() -> None:
    events, told = Events(), list[Event]()
    logs = Logs(events, most=10)
    events.subscribe(told.append)
    for offset, text in ((0, "12345"), (5, "67"), (7, "too long"), (15, "8")):
        assert logs.append(1, 2, text, offset)
    assert logs.of(1) == "1234567"
    assert told == [RunLogged(1, 2, 0, "12345"), RunLogged(1, 2, 5, "67")]


def test_what_is_sent_again_is_known() -> None:
    events, told = Events(), list[Event]()
    logs = Logs(events)
    events.subscribe(told.append)
    for offset, text in ((0, "123"), (0, "12"), (1, "2345")):
        assert logs.append(1, 2, text, offset)
    assert logs.of(1) == "12345"
    assert told == [RunLogged(1, 2, 0, "123"), RunLogged(1, 2, 3, "45")]


def test_what_comes_after_something_that_is_missing_is_not_taken() -> None:
    logs = Logs(Events())
    assert not logs.append(1, 2, "later", 5)
    assert logs.append(1, 2, "first", 0)
    assert logs.append(1, 2, "later", 5)
    assert logs.of(1) == "firstlater"


def test_the_log_of_a_run_that_has_ended_is_forgotten() -> None:
    events = Events()
    logs = Logs(events)
    logs.append(1, 2, "text", 0)
    events.publish(RunUpdated(1, 2, 3, "completed", has_ended=True))
    assert logs.of(1) == ""
