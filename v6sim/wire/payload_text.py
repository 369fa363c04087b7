"""Payloads as texts for people, within limits."""

from collections.abc import Callable
from typing import Any

from v6sim.wire import payload
from v6sim.wire.limits import TO_SHOW, PayloadLimits, PayloadTooLarge
from v6sim.wire.printing import LONGEST, Printed, as_python

Write = Callable[[Any, PayloadLimits, int], Printed]


def print_payload(
    content: bytes, write: Write = as_python, limits: PayloadLimits = TO_SHOW, most: int = LONGEST
) -> Printed:
    """Return a payload as a text; of one that goes beyond the limits, what was read before.

    Args:
        content: the payload.
        write: how its value is written.
        limits: how much of it is looked at.
        most: how many characters are written.

    Raises:
        UnreadablePayload: nothing of it can be read.
    """
    try:
        return write(payload.read(content, limits), limits, most)
    except PayloadTooLarge as error:
        if payload.format_of(content) == "json":
            text = payload.split(content)[1][: 4 * most].decode(errors="replace")
            return Printed(text[:most], error.stopped)
        if not error.partial:
            raise
        return Printed(write(error.partial[0], limits, most).text, error.stopped)
