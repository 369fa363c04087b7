"""What left, decoded for people and for the checks; nothing in it is executed."""

from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from v6sim.egress.entries import DROPPED, Entry
from v6sim.node.departures import REQUESTS
from v6sim.wire import payload
from v6sim.wire.bounded_json import read_json
from v6sim.wire.budget import Budget
from v6sim.wire.limits import TO_SHOW, PayloadLimits, PayloadTooLarge
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.printing import LONGEST, Printed, as_python

_LONGEST_QUERY = 10_000  # characters of a query that is taken apart


class Reading:
    """The content of an entry.

    Args:
        form: json, pickle, rds, text, request or empty; unknown for what cannot be told.
        value: what it means.
        text: what people are shown.
        problem: why it cannot be read; empty if it can.
        stopped: why the value is not all of it, such as `stopped after 200,000 values`.
        write: makes the text of so many characters, where that is not given.
    """

    def __init__(
        self, form: str, value: Any, text: str = "", problem: str = "", stopped: str = "",
        write: Callable[[int], Printed] | None = None,
    ) -> None:  # fmt: skip
        self.form, self.value, self.problem, self.stopped = form, value, problem, stopped
        self._text, self._write = text, write

    @cached_property
    def printed(self) -> Printed:
        """What people are shown."""
        return self.beginning(LONGEST)

    @property
    def text(self) -> str:
        """What people are shown, as a text."""
        return self.printed.text

    def beginning(self, most: int) -> Printed:
        """Return the beginning of what people are shown; it costs no more than that.

        Args:
            most: how many characters.
        """
        if self._write is not None and "printed" not in vars(self):
            return self._write(most)
        text = self._text if self._write is None else self.printed.text
        shown = text[:most].encode("utf-8", "backslashreplace").decode()
        return Printed(shown, f"stopped after {most:,} characters" if len(text) > most else "")


def read(entry: Entry, limits: PayloadLimits = TO_SHOW) -> Reading:
    """Decode the content of an entry.

    Args:
        entry: what left.
        limits: how much of it is looked at.
    """
    if entry.kind == DROPPED:
        return unread("the ledger has bounds, and these are no longer kept")
    if entry.content is None:
        problem = "its content is no longer kept: the ledger has bounds"
        return Reading("unknown", None, "", problem)
    if entry.kind == "log":
        text = entry.content.decode(errors="replace")
        return Reading("text", text, text)
    if entry.kind in REQUESTS:
        return _read_request(entry.content, limits)
    return _read_payload(entry.content, limits)


def unread(why: str) -> Reading:
    """Return what is known of a content that nobody has looked at."""
    return Reading("unknown", None, "", f"it was not read: {why}", stopped=why)


def _read_request(content: bytes, limits: PayloadLimits) -> Reading:
    text = content.decode(errors="replace").rstrip()
    line, _, body = text.partition("\n")
    method, _, target = line.partition(" ")
    value: dict[str, Any] = {"method": method}
    try:
        parts = urlsplit(target)
    except ValueError:  # as of //[
        value["path"] = target
    else:
        value["path"] = parts.path
        if parts.query:
            value["query"] = _query(parts.query)
    stopped = ""
    if body:
        try:
            value["body"] = read_json(body.encode(errors="replace"), Budget(limits))
        except UnreadablePayload as error:
            value["body"] = body
            stopped = error.stopped if isinstance(error, PayloadTooLarge) else ""
    return Reading("request", value, text, stopped=stopped)


def _query(text: str) -> Any:
    if len(text) > _LONGEST_QUERY:
        return text
    return dict(parse_qsl(text, keep_blank_values=True))


def _read_payload(content: bytes, limits: PayloadLimits) -> Reading:
    form: str = payload.format_of(content)
    try:
        value = payload.read(content, limits)
    except PayloadTooLarge as error:
        return _partly(form, content, error, limits)
    except UnreadablePayload as error:
        found = _plain_text(content)
        return (
            Reading(form, None, "", str(error)) if found is None else Reading("text", found, found)
        )
    if form == "empty":
        return Reading(form, None)
    if form == "json":
        return Reading(form, value, payload.split(content)[1].decode(errors="replace"))
    return Reading(form, value, write=lambda most: as_python(value, limits, most))


def _partly(form: str, content: bytes, error: PayloadTooLarge, limits: PayloadLimits) -> Reading:
    """What was read before the limit; of JSON it is the text itself."""
    if form == "json":
        text = payload.split(content)[1].decode(errors="replace")
        return Reading(form, text, text, stopped=error.stopped)
    if not error.partial:
        return Reading(form, None, "", str(error), error.stopped)
    [value] = error.partial

    def write(most: int) -> Printed:
        return Printed(as_python(value, limits, most).text, error.stopped)

    return Reading(form, value, stopped=error.stopped, write=write)


def _plain_text(content: bytes) -> str | None:
    """Bytes in no known format that are a text all the same."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if all(letter.isprintable() or letter.isspace() for letter in text) else None
