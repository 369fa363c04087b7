"""What left, decoded for people and for the checks; nothing in it is executed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from v6sim.egress.entries import Entry
from v6sim.wire import payload
from v6sim.wire.json_reader import read_json
from v6sim.wire.limits import TO_SHOW, Budget, PayloadLimits, PayloadTooLarge
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.printing import LONGEST, Printed, as_python

_LONGEST_QUERY = 10_000  # characters of a query that is taken apart


@dataclass(frozen=True)
class Reading:
    """The content of an entry.

    Args:
        form: json, pickle, rds, text, request or empty; unknown for what cannot be told.
        value: what it means.
        text: what people are shown.
        problem: why it cannot be read; empty if it can.
        stopped: why the value is not all of it, such as `stopped after 200,000 values`.
        text_stopped: the same of the text.
    """

    form: str
    value: Any
    text: str
    problem: str = ""
    stopped: str = ""
    text_stopped: str = ""


def read(entry: Entry, limits: PayloadLimits = TO_SHOW) -> Reading:
    """Decode the content of an entry.

    Args:
        entry: what left.
        limits: how much of it is looked at.
    """
    if entry.content is None:
        problem = "its content is no longer kept: the ledger has bounds"
        return Reading("unknown", None, "", problem)
    if entry.kind == "log":
        return _text(entry.content.decode(errors="replace"))
    if entry.kind == "request":
        return _read_request(entry.content, limits)
    return _read_payload(entry.content, limits)


def unread(why: str) -> Reading:
    """Return what is known of a content that nobody has looked at."""
    return Reading("unknown", None, "", f"it was not read: {why}", stopped=why)


def _text(text: str, form: str = "text") -> Reading:
    return _of_text(form, text, text)


def _of_text(form: str, value: Any, text: str, stopped: str = "") -> Reading:
    is_long = len(text) > LONGEST
    shown = text[:LONGEST].encode("utf-8", "backslashreplace").decode()
    cut = f"stopped after {LONGEST:,} characters" if is_long else ""
    return Reading(form, value, shown, stopped=stopped, text_stopped=cut)


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
    return _of_text("request", value, text, stopped)


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
        return Reading(form, None, "", str(error)) if found is None else _text(found)
    if form == "empty":
        return Reading(form, None, "")
    if form == "json":
        return _of_text(form, value, payload.split(content)[1].decode(errors="replace"))
    return _printed(form, value, as_python(value, limits))


def _partly(form: str, content: bytes, error: PayloadTooLarge, limits: PayloadLimits) -> Reading:
    """What was read before the limit; of JSON it is the text itself."""
    if form == "json":
        text = payload.split(content)[1].decode(errors="replace")
        return _of_text(form, text, text, error.stopped)
    if not error.partial:
        return Reading(form, None, "", str(error), stopped=error.stopped)
    [value] = error.partial
    printed = Printed(as_python(value, limits).text, error.stopped)
    return _printed(form, value, printed, error.stopped)


def _printed(form: str, value: Any, printed: Printed, stopped: str = "") -> Reading:
    return Reading(
        form, value, printed.text, stopped=stopped, text_stopped=printed.stopped
    )  # fmt: skip


def _plain_text(content: bytes) -> str | None:
    """Bytes in no known format that are a text all the same."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if all(letter.isprintable() or letter.isspace() for letter in text) else None
