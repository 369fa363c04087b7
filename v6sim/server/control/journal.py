"""The requests and events of late."""

import asyncio
import dataclasses
from typing import Any, get_args

import orjson
from fastapi import APIRouter, Request, Response

from v6sim.server import journal
from v6sim.server.errors import Invalid
from v6sim.server.event_journal import EventQuery, Way
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import core_of

router = APIRouter()

_LONGEST_NUMBER = 18  # characters


@router.get("/journal")
async def list_requests(request: Request) -> Response:
    """The requests of late, the oldest first; `method`, `path`, `by` and `status` narrow that."""
    query = request.query_params
    status = query.get("status")
    if status is not None and not (status.isdecimal() and len(status) <= _LONGEST_NUMBER):
        raise Invalid(f"status has to be a number, not {status!r:.60}")
    found = core_of(request).journal.requests(
        method=query.get("method"), path=query.get("path"), by=query.get("by"),
        status=None if status is None else int(status),
    )  # fmt: skip
    return Response(await asyncio.to_thread(_written, found), media_type=Json.media_type)


@router.get("/journal/events")
async def list_events(request: Request) -> Response:
    """The events of late, the oldest first; `name`, `room`, `by`, `to` and `way` narrow that."""
    known = EventQuery.__annotations__
    query = {name: value for name, value in request.query_params.items() if name in known}
    if query.get("way", "sent") not in get_args(Way):
        raise Invalid(f"way has to be one of {', '.join(get_args(Way))}, not {query['way']!r}")
    found = core_of(request).event_journal.events(**query)  # type: ignore[arg-type]
    return Json([{**dataclasses.asdict(each), "at": each.at.isoformat()} for each in found])


def _written(found: list[journal.Request]) -> bytes:
    """Them as JSON, one by one: all together may be large."""
    return b"[%s]" % b",".join(orjson.dumps(_shape(each)) for each in found)


def _shape(request: journal.Request) -> dict[str, Any]:
    shape = dataclasses.asdict(request)
    return {**shape, "at": request.at.isoformat(), "body": request.body.decode(errors="replace")}
