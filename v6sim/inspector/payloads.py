"""Inputs and results for people to read; nothing in them is executed."""

import asyncio
import io
import json
import pickletools
from dataclasses import dataclass

from v6sim.wire import payload
from v6sim.wire.payload import UnreadablePayload
from v6sim.wire.plain import plain

_LARGEST = 4_000_000  # bytes that are opened
_LONGEST = 50_000  # characters that are shown
_STEPS = 300  # steps of a pickle that is not opened


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
    """

    form: str
    size: int
    text: str = ""
    problem: str = ""
    steps: str = ""
    is_cut: bool = False


async def show(text: str | None, *, encrypted: bool) -> Shown:
    """Read a payload, in a thread of its own: it may be large.

    Args:
        text: as it stands on the server.
        encrypted: whether its collaboration encrypts.
    """
    if not text:
        return Shown("nothing", 0)
    if encrypted:
        problem = "only the private key of the organization that it is for opens it"
        return Shown("encrypted", len(text), problem=problem)
    return await asyncio.to_thread(_show, text)


def _show(text: str) -> Shown:
    try:
        content = payload.to_bytes(text)
    except UnreadablePayload as error:
        return Shown("unknown", len(text), text[:_LONGEST], str(error), is_cut=len(text) > _LONGEST)
    form: str = payload.format_of(content)
    if len(content) > _LARGEST:
        problem = f"only payloads of up to {_LARGEST} bytes are opened here"
        return Shown(form, len(content), problem=problem)
    try:
        found = _pretty(payload.read(content))
    except (UnreadablePayload, RecursionError, MemoryError) as error:
        return _unopened(form, content, str(error) or type(error).__name__)
    return Shown(form, len(content), found[:_LONGEST], is_cut=len(found) > _LONGEST)


def _pretty(value: object) -> str:
    return json.dumps(plain(value), indent=2, ensure_ascii=False, default=str)


def _unopened(form: str, content: bytes, problem: str) -> Shown:
    steps = _steps(payload.split(content)[1]) if form == "pickle" else ""
    shown = "" if steps else repr(content[: _LONGEST // 4])
    return Shown(form, len(content), shown, problem, steps, len(content) > _LONGEST // 4)


def _steps(content: bytes) -> str:
    """What a pickle would do, step by step: a listing, for which nothing is done."""
    out = io.StringIO()
    try:
        for number, (opcode, argument, position) in enumerate(pickletools.genops(content)):
            if number >= _STEPS:
                out.write("...\n")
                break
            shown = "" if argument is None else f" {argument!r:.200}"
            out.write(f"{position:5} {opcode.name}{shown}\n")
    except Exception as error:  # bytes that are no pickle after all, or broken off
        out.write(f"(it ends here: {error})\n")
    return out.getvalue()
