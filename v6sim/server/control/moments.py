"""What time it is here, and moving it on."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from v6sim.server.errors import Invalid
from v6sim.server.v3.answers import Json
from v6sim.server.v3.bodies import read_raw, receive
from v6sim.server.v3.requests import core_of

router = APIRouter()

_FURTHEST = 10 * 366 * 24 * 3600  # seconds


@router.get("/clock")
async def get_time(request: Request) -> Response:
    """What time it is."""
    return Json({"now": core_of(request).clock.now().isoformat()})


@router.post("/clock")
async def advance(request: Request) -> Response:
    """Move it on by `seconds`; the answer comes when what is due then is done."""
    await receive(request)
    seconds = read_raw(request).get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Invalid(f"'seconds' has to be a number, not {seconds!r}")
    if not 0 <= seconds <= _FURTHEST:
        raise Invalid(f"'seconds' has to be from 0 to {_FURTHEST} (ten years), not {seconds}")
    await core_of(request).clock.advance(timedelta(seconds=seconds))
    return await get_time(request)
