"""What left, decoded for people and for the checks; nothing in it is executed."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from v6sim.egress.entries import Entry
from v6sim.node.departures import REQUESTS
from v6sim.wire import payload
from v6sim.wire.payload import UnreadablePayload


@dataclass(frozen=True)
class Reading:
    """The content of an entry.

    Args:
        form: json, pickle, rds, text, request or empty; unknown for what cannot be told.
        value: what it means.
        text: what people are shown.
        problem: why it cannot be read; empty if it can.
    """

    form: str
    value: Any
    text: str
    problem: str = ""


def read(entry: Entry) -> Reading:
    """Decode the content of an entry."""
    if entry.content is None:
        problem = "its content is no longer kept: the ledger has bounds"
        return Reading("unknown", None, "", problem)
    if entry.kind == "log":
        text = entry.content.decode(errors="replace")
        return Reading("text", text, text)
    if entry.kind in REQUESTS:
        return _read_request(entry.content)
    return _read_payload(entry.content)


def _read_request(content: bytes) -> Reading:
    text = content.decode(errors="replace").rstrip()
    line, _, body = text.partition("\n")
    method, _, target = line.partition(" ")
    parts = urlsplit(target)
    value: dict[str, Any] = {"method": method, "path": parts.path}
    if parts.query:
        value["query"] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if body:
        value["body"] = _json_or_text(body)
    return Reading("request", value, text)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _read_payload(content: bytes) -> Reading:
    form: str = payload.format_of(content)
    try:
        value = payload.read(content)
        text = str(value)
    except (UnreadablePayload, RecursionError) as error:
        found = _plain_text(content)
        if found is not None:
            return Reading("text", found, found)
        return Reading(form, None, "", str(error))
    if form == "json":
        text = payload.split(content)[1].decode(errors="replace")
    return Reading(form, value, "" if form == "empty" else text)


def _plain_text(content: bytes) -> str | None:
    """Bytes in no known format that are a text all the same."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if all(letter.isprintable() or letter.isspace() for letter in text) else None
