"""Payloads: the inputs and results of runs, as bytes and as texts on the wire.

The bytes are a bare pickle ("legacy"), or a format's name, a dot and what the format gives
(reference: algorithm-contract, section 2). The text is their base64 (reference: encryption,
section 2) unless the collaboration encrypts.
"""

import base64
import binascii
import json
import pickle
from collections.abc import Callable
from typing import Any, Literal

from v6sim.wire.budget import Budget
from v6sim.wire.limits import PayloadLimits, UnreadablePayload, to_use
from v6sim.wire.long_payload import EncodedPayload, decode_base64
from v6sim.wire.long_text import LONG, AnyText

__all__ = [
    "UnreadablePayload", "encode", "format_of", "read", "serialize", "split", "to_bytes", "to_text",
]  # fmt: skip

LEGACY = "legacy"
PICKLE_PROTOCOL = 3
"""What a client on Python 3.7 writes; every algorithm-side library reads it."""

_LONGEST_PREFIX = 10
"""Bytes in which a reader looks for the dot, the dot included."""


def to_text(payload: bytes) -> str:
    """The payload as it stands in `input` and `result` of an unencrypted collaboration."""
    return base64.b64encode(payload).decode("ascii")


def encode(payload: bytes) -> AnyText:
    """The same text; of a large payload it is made piece by piece, when it is asked for."""
    return EncodedPayload(payload) if len(payload) > LONG else to_text(payload)


def to_bytes(text: AnyText) -> bytes:
    """The payload in such a text; characters outside the alphabet are skipped, as genuine parts do.

    Raises:
        UnreadablePayload: the padding is wrong.
    """
    try:
        return base64.b64decode(text) if isinstance(text, str) else decode_base64(text)
    except (binascii.Error, ValueError) as error:
        raise UnreadablePayload(f"not base64: {error}") from error


def serialize(value: Any, data_format: str = LEGACY) -> bytes:
    """An input as the genuine Python client serializes it.

    Args:
        value: the input, usually a dict with `method`, `master`, `args`, `kwargs`.
        data_format: `legacy` for a bare pickle, else `json` or `pickle` in any case; the prefix
            is written as given here.

    Raises:
        ValueError: there is no such format.
    """
    if data_format == LEGACY:
        return pickle.dumps(value, protocol=PICKLE_PROTOCOL)
    if data_format.lower() == "json":
        body = json.dumps(value).encode()
    elif data_format.lower() == "pickle":
        body = pickle.dumps(value, protocol=PICKLE_PROTOCOL)
    else:
        raise ValueError(f"no data format {data_format!r}: use legacy, json or pickle")
    return data_format.encode() + b"." + body


def split(payload: bytes) -> tuple[str | None, bytes]:
    """The format's name as it was written, and what follows its dot; None without a prefix."""
    prefix, dot, body = payload[:_LONGEST_PREFIX].partition(b".")
    if not dot:
        return None, payload
    try:
        return prefix.decode(), body + payload[_LONGEST_PREFIX:]
    except UnicodeDecodeError:
        return None, payload


Format = Literal["json", "pickle", "rds", "empty", "unknown"]


def format_of(payload: bytes) -> Format:
    """Which format a payload is in, as far as its first bytes tell."""
    if not payload:
        return "empty"
    prefix, _ = split(payload)
    match prefix and prefix.lower():
        case "json":
            return "json"
        case "pickle":
            return "pickle"
        case "rds":
            return "rds"
    if payload.startswith((b"X\n\0\0\0", b"\x1f\x8b")):
        return "rds"
    return "pickle" if payload.endswith(b".") else "unknown"


def read(payload: bytes, limits: PayloadLimits | Budget | None = None) -> Any:
    """Return a payload's value; nothing in it is executed.

    Args:
        payload: the payload.
        limits: how large it may become, or what is left of that. `TO_SHOW` is for showing it to
            people; None is for using it: the value is whole, and no larger than `to_use()` allows.

    Raises:
        UnreadablePayload: its format is not known or not readable here, or it is a pickle that
            names something outside the allow-list of `v6sim.wire.pickles`.
        PayloadTooLarge: it is one of these, too: it goes beyond the limits.
    """
    reader = _READERS.get(format_of(payload))
    if reader is None:
        raise UnreadablePayload(f"{len(payload)} bytes in a format that cannot be read here")
    return reader(payload, limits if isinstance(limits, Budget) else Budget(limits or to_use()))


def _read_json(payload: bytes, budget: Budget) -> Any:
    from v6sim.wire.bounded_json import read_json

    return read_json(split(payload)[1], budget)


def _read_pickled(payload: bytes, budget: Budget) -> Any:
    from v6sim.wire.pickles import UnreadablePickle, read_pickle

    prefix, body = split(payload)
    pickled = body if prefix and prefix.lower() == "pickle" else payload
    try:
        return read_pickle(pickled, budget)
    except UnreadablePickle as error:
        raise UnreadablePayload(str(error)) from error


def _read_r(payload: bytes, budget: Budget) -> Any:
    from v6sim.wire.r_serialized import UnreadableR, read_r

    prefix, body = split(payload)
    try:
        return read_r(body if prefix and prefix.lower() == "rds" else payload, budget)
    except UnreadableR as error:
        raise UnreadablePayload(str(error)) from error


def _read_empty(payload: bytes, budget: Budget) -> None:
    """An empty payload holds no value: its run reported nothing."""


_READERS: dict[Format, Callable[[bytes, Budget], Any]] = {
    "json": _read_json,
    "pickle": _read_pickled,
    "rds": _read_r,
    "empty": _read_empty,
}
