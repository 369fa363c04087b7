"""Whether a v6sim is up, for who waits for it; the only route that asks for nothing."""

from fastapi import APIRouter, Response

from v6sim.server.v3.answers import Json

router = APIRouter()


@router.get("/health")
async def get_health() -> Response:
    """Say that it is up."""
    return Json({"status": "ok"})
