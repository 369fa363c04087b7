"""Assertions on what a sandbox has seen, and on what its users may."""

from collections.abc import Iterable, Mapping, Sequence, Sized
from difflib import get_close_matches
from typing import Any

from v6sim.sandbox import AnySandbox, WrongArgument
from v6sim.sandbox.arguments import (
    check_options,
    check_request,
    check_sandbox,
    check_seconds,
    check_text,
    shown,
)
from v6sim.server.event_journal import SocketEvent
from v6sim.server.journal import Request

Table = Mapping[tuple[str, str, str], bool]
"""Whether a user may do something, by username, method and path."""


def assert_called(
    sandbox: AnySandbox,
    path: str,
    *,
    method: str | None = None,
    by: str | None = None,
    status: int | None = None,
    times: int | None = None,
) -> list[Request]:
    """Make sure that requests were made; returns them.

    Args:
        sandbox: whose server should have seen them.
        path: below that of the API; `/task` is that path alone, `/task/*` all below it.
        method: of HTTP.
        by: a kind of caller (`user`, `node`, `container`), or the name of one.
        status: how they were answered.
        times: how many; None for at least one.

    Raises:
        AssertionError: there were more or fewer; it names those that come closest.
    """
    check_sandbox(sandbox, "assert_called")
    check_request(method or "GET", path)
    if by is not None:
        check_text(by, "by", "user, node, container, or the name of a caller")
    _check_times(times, "requests")
    found: list[Request] = sandbox.journal.requests(method=method, path=path, by=by, status=status)
    if not _is_enough(found, times):
        wanted = f"{method or 'any method'} {path}{f' by {by}' if by else ''}"
        raise _missing(wanted, times, found, sandbox.journal.requests())
    return found


def assert_emitted(
    sandbox: AnySandbox, name: str, *, times: int | None = None, seconds: float = 2, **wanted: Any
) -> list[SocketEvent]:
    """Make sure that an event was sent or received over Socket.IO; returns all that fit.

    Args:
        sandbox: whose server should have sent or received it.
        name: such as `new_task`.
        times: how often; None for at least once.
        seconds: how long to wait for it.
        wanted: room, by, to and way, as for `sandbox.journal.events`.

    Raises:
        AssertionError: it was more or less often; it names those that come closest.
    """
    check_sandbox(sandbox, "assert_emitted")
    check_text(name, "name", "the name of an event, such as 'new_task'")
    check_options(wanted, ("room", "by", "to", "way"), "assert_emitted")
    check_seconds(seconds, "seconds")
    _check_times(times, "events")
    at_least = 1 if times is None else times
    found: list[SocketEvent] = sandbox.journal.wait_for_events(
        seconds, at_least, name=name, **wanted
    )
    if not _is_enough(found, times):
        words = "".join(f" {key} {value}" for key, value in wanted.items())
        raise _missing(f"{name}{words}", times, found, sandbox.journal.events())
    return found


def _check_times(times: object, what: str) -> None:
    if times is not None and (not isinstance(times, int) or times < 0):
        raise WrongArgument(f"times={shown(times)}: a number of {what}, from 0 on, is expected")


def _is_enough(found: Sized, times: int | None) -> bool:
    return len(found) == times or (times is None and len(found) > 0)


def _missing(
    wanted: str, times: int | None, found: Sequence[object], all_: Iterable[object]
) -> AssertionError:
    """What to say where there is too little or too much."""
    expected = "at least once" if times is None else f"{times} times"
    seen = list(dict.fromkeys(map(str, found or all_)))
    close = get_close_matches(wanted, seen, n=5, cutoff=0) if seen else []
    listed = "".join(f"\n  {line}" for line in close) or " none at all"
    return AssertionError(
        f"{wanted} was expected {expected}, and seen {len(found)} times; closest:{listed}"
    )


def assert_matrix(sandbox: AnySandbox, table: Table) -> None:
    """Make sure that users may do exactly what a table says; nothing is changed by asking.

    Args:
        sandbox: whose users.
        table: whether a user may make a request, such as `{("viewer", "GET", "/task"): True}`.

    Raises:
        AssertionError: it is otherwise somewhere; it says where, and why.
    """
    check_sandbox(sandbox, "assert_matrix")
    _check_table(table)
    wrong = []
    for (username, method, path), expected in table.items():
        answer = sandbox.may(username, method, path)
        if bool(answer) != expected:
            said = "may" if answer else "may not"
            wrong.append(f"  {username} {said} {method} {path} ({answer.status}): {answer.why}")
    if wrong:
        raise AssertionError("\n".join(["it is otherwise than expected:", *wrong]))


def _check_table(table: object) -> None:
    row = '("viewer", "GET", "/task")'
    if not isinstance(table, Mapping):
        raise WrongArgument(
            f"assert_matrix: the table is {shown(table)}; expected a dict such as {{{row}: True}}"
        )
    for key, value in table.items():
        if not isinstance(key, tuple) or len(key) != 3:
            raise WrongArgument(
                f"assert_matrix: {shown(key)} is no request; expected username, method and path, "
                f"such as {row}"
            )
        if not isinstance(value, bool):
            raise WrongArgument(
                f"assert_matrix: {key!r}: True (may) or False (may not) is expected, not "
                f"{shown(value)}"
            )
