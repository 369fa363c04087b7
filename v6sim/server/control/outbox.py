"""The mails that the server wrote."""

from fastapi import APIRouter, Request, Response

from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import core_of

router = APIRouter()


@router.get("/outbox")
async def list_mails(request: Request) -> Response:
    """The mails of late, the newest first."""
    mails = reversed(core_of(request).outbox.mails)
    return Json(
        [
            {"to": mail.to, "subject": mail.subject, "text": mail.text, "at": mail.at.isoformat()}
            for mail in mails
        ]
    )
