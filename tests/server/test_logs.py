"""What running algorithms have printed so far."""

from v6sim.server.events import Event, Events, RunLogged, RunUpdated
from v6sim.server.logs import Logs


def test_a_log_is_kept_up_to_a_size_and_without_gaps() -> None:
    events, told = Events(), list[Event]()
    logs = Logs(events, most=10)
    events.subscribe(told.append)
    for text in ("12345", "67", "too long", "8"):
        logs.append(1, 2, text)
    assert logs.of(1) == "1234567"
    assert told == [RunLogged(1, 2, 0, "12345"), RunLogged(1, 2, 5, "67")]


def test_the_log_of_a_run_that_has_ended_is_forgotten() -> None:
    events = Events()
    logs = Logs(events)
    logs.append(1, 2, "text")
    events.publish(RunUpdated(1, 2, 3, "completed", has_ended=True))
    assert logs.of(1) == ""
