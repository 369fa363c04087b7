"""Inputs and results for people to read; nothing in them is executed.

A small payload is read at once, in a thread. What is larger, or becomes larger than that when it
is read, is read by a worker process, which ends when the reader has gone.
"""

import asyncio
import io
import json
import pickletools
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from v6sim.runtime.worker_pool import WorkerPool
from v6sim.runtime.worker_process import Job, WorkerStopped
from v6sim.wire import payload
from v6sim.wire.limits import TO_SHOW, TO_SHOW_AT_ONCE, PayloadLimits
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.payload_text import print_payload
from v6sim.wire.printing import as_json
from v6sim.wire.sizes import MIB, format_size

_SMALL = 64_000  # characters of a text that is opened in this process
_LARGEST = 4 * MIB  # bytes that are opened
LONGEST = _LARGEST * 4 // 3
"""Characters of a text that is opened; one that is longer need not be fetched."""

_SHOWN = 50_000  # characters that are shown
_END = 400  # characters of a text that tell of what kind it is
_STEPS = 300  # steps of a pickle that is not opened
_LIBRARIES = ("numpy", "pandas")
"""What a payload may need, and whose import takes too long for this process."""

_JOB = Job("v6sim.inspector.payloads:show_elsewhere", seconds=15, memory=2**30)


@dataclass(frozen=True)
class Shown:
    """A payload as it is shown.

    Args:
        form: json, pickle, rds, empty, encrypted, nothing or unknown.
        size: its bytes; of what is encrypted, its characters.
        text: what it means.
        problem: why that cannot be told; empty if it can.
        steps: of a pickle that was not opened, what it would do; empty for all others.
        is_cut: whether there is more to it.
        stopped: why there is more to it, such as `stopped after 200,000 values`.
    """

    form: str
    size: int
    text: str = ""
    problem: str = ""
    steps: str = ""
    is_cut: bool = False
    stopped: str = ""


async def show(text: str | None, *, encrypted: bool, workers: WorkerPool) -> Shown:
    """Read a payload, without holding up others.

    Args:
        text: as it stands on the server.
        encrypted: whether its collaboration encrypts.
        workers: read what is large.
    """
    if not text:
        return Shown("nothing", 0)
    if encrypted:
        problem = "only the private key of the organization that it is for opens it"
        return Shown("encrypted", len(text), problem=problem)
    if len(text) > LONGEST:
        return too_large(text[:_END], text[-_END:], len(text))
    if len(text) <= _SMALL:
        shown = await asyncio.to_thread(_show_at_once, text)
        if shown is not None:
            return shown
    try:
        return Shown(**json.loads(await workers.run(_JOB, text)))
    except WorkerStopped as error:
        return Shown("unknown", len(text) * 3 // 4, problem=f"reading it was given up: {error}")


def show_elsewhere(text: str, _items: Iterator[object]) -> bytes:
    """Read a payload in a worker process."""
    return json.dumps(asdict(_show(text, TO_SHOW))).encode()


def too_large(begin: str, end: str, length: int) -> Shown:
    """One of which only the kind is told.

    Args:
        begin: of its text.
        end: of its text.
        length: of its text, in characters.
    """
    size = length * 3 // 4
    problem = f"only payloads of up to {format_size(_LARGEST)} are opened here"
    try:
        ends = payload.to_bytes(begin[:_END]) + payload.to_bytes(end[-_END:])
    except UnreadablePayload:
        return Shown("unknown", size, problem=problem)
    return Shown(payload.format_of(ends), size, problem=problem)


def _show_at_once(text: str) -> Shown | None:
    """Read a small payload in this process; None if that would take too long."""
    try:
        content = payload.to_bytes(text)
    except UnreadablePayload:
        return _show(text, TO_SHOW_AT_ONCE)
    if any(name not in sys.modules and name.encode() in content for name in _LIBRARIES):
        return None
    shown = _show(text, TO_SHOW_AT_ONCE)
    return None if _stopped_early(shown) else shown


def _stopped_early(shown: Shown) -> bool:
    """Whether there is more to show within the limits of a worker."""
    return shown.stopped.startswith("stopped after") and "characters" not in shown.stopped


def _show(text: str, limits: PayloadLimits) -> Shown:
    try:
        content = payload.to_bytes(text)
    except UnreadablePayload as error:
        return Shown("unknown", len(text), text[:_SHOWN], str(error), is_cut=len(text) > _SHOWN)
    form: str = payload.format_of(content)
    try:
        printed = print_payload(content, as_json, limits, _SHOWN)
    except (UnreadablePayload, RecursionError, MemoryError) as error:
        return _unopened(form, content, str(error) or type(error).__name__)
    is_cut = bool(printed.stopped)
    return Shown(form, len(content), printed.text, is_cut=is_cut, stopped=printed.stopped)


def _unopened(form: str, content: bytes, problem: str) -> Shown:
    steps = _steps(payload.split(content)[1]) if form == "pickle" else ""
    shown = "" if steps else repr(content[: _SHOWN // 4])
    return Shown(form, len(content), shown, problem, steps, len(content) > _SHOWN // 4)


def _steps(content: bytes) -> str:
    """What a pickle would do, step by step: a listing, for which nothing is done."""
    out = io.StringIO()
    try:
        for number, (opcode, argument, position) in enumerate(pickletools.genops(content)):
            if number >= _STEPS:
                out.write("...\n")
                break
            shown = "" if argument is None else f" {_short(argument)}"
            out.write(f"{position:5} {opcode.name}{shown}\n")
    except Exception as error:  # bytes that are no pickle after all, or broken off
        out.write(f"(it ends here: {error!s:.200})\n")
    return out.getvalue().encode("utf-8", "backslashreplace").decode()


def _short(argument: object) -> str:
    if isinstance(argument, str | bytes):
        argument = argument[:200]
    return f"{argument!r:.200}"
