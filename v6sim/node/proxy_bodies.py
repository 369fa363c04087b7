"""Large bodies at a node's proxy: what algorithms send, and what they are answered."""

from typing import Any

import orjson
from aiohttp import web

from v6sim.node.limits import Limits
from v6sim.node.line import FAILURES, Answer
from v6sim.wire.excerpt import excerpt
from v6sim.wire.json_reader import REQUEST_LIMITS, JsonReader, JsonTooLarge, check_short
from v6sim.wire.json_writer import JsonDocument
from v6sim.wire.long_payload import payload_size
from v6sim.wire.long_text import LONG, LongText
from v6sim.wire.sizes import describe_excess, format_size


class BodyTooLarge(Exception):
    """An algorithm sends more than it may; the text says what."""


async def read_body(request: web.BaseRequest, limits: Limits) -> Any:
    """Return the JSON value of a request, in which long texts are in pieces; None if it has none.

    Raises:
        BodyTooLarge: it has too many bytes, too many values, or a long text that is no input.
    """
    reader, size = JsonReader(limits.longest_input, REQUEST_LIMITS), 0
    limit = limits.largest_request
    try:
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(f"the request is larger than {format_size(limit)}")
            reader.feed(chunk)
        value = reader.value()
    except JsonTooLarge as error:
        raise BodyTooLarge(f"the request is too large: {error}") from None
    except (ValueError, RecursionError):
        return None
    for name, each in value.items() if isinstance(value, dict) else ():
        if name != "organizations" and _has_long_text(each):
            raise BodyTooLarge(f"{excerpt(name)} of the request has more than {LONG:,} characters")
    return value


def _has_long_text(value: Any) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return any(map(_has_long_text, value))
    return isinstance(value, LongText)


def parse_short_body(content: bytes) -> Any:
    """Return the JSON value of a body; None if it is none, or has more values than it may."""
    try:
        check_short(content)
        return orjson.loads(content)
    except ValueError:
        return None


def check_inputs(organizations: Any, limits: Limits) -> None:
    """Make sure that the inputs of a new task are as large as they may be, and not larger.

    Raises:
        BodyTooLarge: one is larger.
    """
    for organization in organizations if isinstance(organizations, list) else ():
        given = organization.get("input") if isinstance(organization, dict) else None
        if isinstance(given, str | LongText):
            size = payload_size(given)
            if size > limits.max_input:
                text = describe_excess("input", size, limits.max_input, "max_input")
                raise BodyTooLarge(text)


def check_results(rows: Any, limits: Limits) -> None:
    """Make sure that results are as large as they may be, and not larger.

    Raises:
        BodyTooLarge: one is larger.
    """
    if isinstance(rows, dict):
        rows = rows.get("data", [rows])
    for row in rows if isinstance(rows, list) else ():
        result = row.get("result") if isinstance(row, dict) else None
        if isinstance(result, LongText) and not result.is_here:
            what, limit = f"the result of run {row.get('id')}", limits.max_result
            raise BodyTooLarge(describe_excess(what, payload_size(result), limit, "max_result"))


async def send_value(request: web.BaseRequest, value: Any) -> web.StreamResponse:
    """Answer with a value that may have texts in pieces."""
    document = JsonDocument(value)
    if not document.is_long:
        return web.Response(body=document.skeleton, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for chunk in document:
        await response.write(chunk)
    await response.write_eof()
    return response


async def pass_on(
    request: web.BaseRequest, answer: Answer, headers: dict[str, str]
) -> web.StreamResponse:
    """Answer with what the server has answered, as it comes.

    If the server breaks off in the midst of it, so does this.
    """
    if answer.rest is None:
        return web.Response(status=answer.status, body=answer.body, headers=headers)
    response = web.StreamResponse(status=answer.status, headers=headers)
    try:
        await response.prepare(request)
        async for chunk in answer.chunks():
            await response.write(chunk)
    except FAILURES:
        if request.transport is not None:
            request.transport.close()
        raise
    finally:
        answer.rest.close()
    await response.write_eof()
    return response
