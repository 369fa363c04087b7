"""The requests of late, and faults on call."""

import dataclasses
from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from v6sim.server import journal
from v6sim.server.errors import Invalid, InvalidField
from v6sim.server.faults import Fault, Kind
from v6sim.server.v3.answers import Json
from v6sim.server.v3.bodies import read_raw, receive
from v6sim.server.v3.requests import core_of

router = APIRouter()

_FIELDS = {field.name for field in dataclasses.fields(Fault) if field.init}


@router.get("/journal")
async def list_requests(request: Request) -> Response:
    """The requests of late, the oldest first; `method`, `path`, `by` and `status` narrow that."""
    query = request.query_params
    status = query.get("status")
    if status is not None and not status.isdecimal():
        raise Invalid(f"status has to be a number, not {status!r}")
    found = core_of(request).journal.requests(
        method=query.get("method"), path=query.get("path"), by=query.get("by"),
        status=None if status is None else int(status),
    )  # fmt: skip
    return Json([_shape(each) for each in found])


@router.post("/faults", status_code=201)
async def add_fault(request: Request) -> Response:
    """Have requests fail from now on."""
    await receive(request)
    given: dict[str, Any] = dict(read_raw(request))
    if given.get("kind") not in get_args(Kind):
        raise InvalidField("kind", f"'kind' has to be one of {', '.join(get_args(Kind))}")
    if unknown := sorted(set(given) - _FIELDS):
        raise InvalidField(unknown[0], f"a fault has no {unknown[0]!r}; it has {sorted(_FIELDS)}")
    core_of(request).faults.add(Fault(**given))
    return Response(status_code=201)


@router.delete("/faults", status_code=204)
async def clear_faults(request: Request) -> Response:
    """Be well again."""
    core_of(request).faults.clear()
    return Response(status_code=204)


def _shape(request: journal.Request) -> dict[str, Any]:
    shape = dataclasses.asdict(request)
    return {**shape, "at": request.at.isoformat(), "body": request.body.decode(errors="replace")}
