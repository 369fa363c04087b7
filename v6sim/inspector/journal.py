"""The journal of requests, with search."""

import asyncio

from starlette.responses import Response

from v6sim.inspector.asks import Ask
from v6sim.server.journal import Request

_MOST = 200  # requests on a page
_BODY = 4_000  # characters of a body


async def show(ask: Ask) -> Response:
    """The requests of late, the newest first: `q` searches all, the others narrow it."""
    wanted = {name: ask.query(name) for name in ("q", "method", "by", "status")}
    requests = ask.core.journal.requests()
    found = await asyncio.to_thread(_fitting, requests, wanted)
    return ask.page(
        "journal", requests=found[: -_MOST - 1 : -1], wanted=wanted, count=len(found),
        total=len(requests), most=_MOST, body_of=_body,
    )  # fmt: skip


def _fitting(requests: list[Request], wanted: dict[str, str]) -> list[Request]:
    return [each for each in requests if _fits(each, wanted)]


def _fits(request: Request, wanted: dict[str, str]) -> bool:
    """Whether a request has what is looked for; several words all have to be in it."""
    if wanted["method"] and request.method != wanted["method"]:
        return False
    if wanted["by"] and request.kind != wanted["by"].removeprefix("nobody"):
        return False
    if wanted["status"] and not _has_status(request.status, wanted["status"]):
        return False
    words = wanted["q"].lower().split()
    text = str(request).lower() + (request.body.decode(errors="replace").lower() if words else "")
    return all(word in text for word in words)


def _has_status(status: int, wanted: str) -> bool:
    """Whether a status is the one that is wanted, or of its kind: `4xx`."""
    return str(status).startswith(wanted.lower().rstrip("x"))


def _body(request: Request) -> str:
    text = request.body.decode(errors="replace")
    return text if len(text) <= _BODY else f"{text[:_BODY]}…"
