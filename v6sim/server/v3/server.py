"""What anybody may ask of a server (reference: server-api, section 3.1)."""

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import TypedDict

from v6sim.server.v3 import docs
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import AnonymousDep

VERSION = "3.7.3"
"""The version of vantage6 whose server this one stands in for."""

router = APIRouter(tags=["server"])


class VersionShape(TypedDict):
    """Which version of vantage6 is spoken."""

    version: str


class HealthShape(TypedDict):
    """What can be reached."""

    database: bool


@router.get("/version", **docs.route(VersionShape, secured=False))
async def get_version() -> Response:
    """Which version of vantage6 this server speaks."""
    return Json({"version": VERSION})


@router.get("/health", **docs.route(HealthShape, secured=False))
async def get_health(call: AnonymousDep) -> Response:
    """Whether the database can be reached."""
    try:
        call.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return Json({"database": False})
    return Json({"database": True})


@router.get("/health/fix", include_in_schema=False)
async def fix_health(call: AnonymousDep) -> Response:
    """Reach for the database; upstream has this for when it was lost."""
    call.session.execute(text("SELECT 1"))
    return Json(None)
