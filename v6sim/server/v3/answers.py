"""Answers: JSON, and what each error looks like (reference: server-api, section 1.3)."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.exc import DataError, StatementError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from v6sim.server import errors
from v6sim.server.v3.methods import allowed
from v6sim.wire.json_writer import JsonDocument

log = logging.getLogger(__name__)


class Json(Response):
    """A JSON answer; one with long texts is sent piece by piece.

    Args:
        content: what it says.
        status_code: of HTTP.
        headers: further ones.
        omit_long: say only how long the long texts are.
    """

    media_type = "application/json"

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        omit_long: bool = False,
    ) -> None:
        self._omit_long = omit_long
        super().__init__(content, status_code, headers)
        if self.document.has_omitted:
            self.headers["preference-applied"] = MINIMAL
        if self.document.is_long:
            del self.headers["content-length"]

    def render(self, content: Any) -> bytes:
        """The bytes of it; of one with long texts all others."""
        self.document = JsonDocument(
            content, omit_long=self._omit_long, option=orjson.OPT_NON_STR_KEYS
        )
        return self.document.skeleton

    @property
    def is_whole(self) -> bool:
        """Whether its body is all that it says."""
        return not (self.document.is_long or self.document.has_omitted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if not self.document.is_long:
            await super().__call__(scope, receive, send)
            return
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        for chunk in self.document:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await asyncio.sleep(0)  # others have their turn meanwhile
        await send({"type": "http.response.body", "body": b""})


MINIMAL = "return=minimal"
"""What a request prefers (RFC 7240) that takes long texts of runs by their lengths alone."""


def is_minimal_preferred(request: Request) -> bool:
    """Whether a request prefers an answer without long texts."""
    return MINIMAL in request.headers.get("prefer", "").replace(" ", "")


_STATUS: dict[type[errors.ServerError], int] = {
    errors.NotFound: 404,
    errors.Invalid: 400,
    errors.Refused: 401,
    errors.NotAuthenticated: 401,
    errors.BadToken: 422,
    errors.TooLarge: 413,
    errors.NotConfigured: 501,
    errors.NoRoom: 507,
    errors.DatabaseFailed: 500,
}


def status_of(error: errors.ServerError) -> int:
    """The status with which an error is answered."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def message(text: str, status: int = 200) -> Json:
    """An answer that only says something."""
    return Json({"msg": text}, status)


def install(app: FastAPI) -> None:
    """Have the app answer errors in this way."""
    app.add_exception_handler(errors.ServerError, _server_error)
    app.add_exception_handler(HTTPException, _http_error)
    for kind in UNSTORABLE:
        app.add_exception_handler(kind, _unstorable)
    app.add_exception_handler(Exception, _unexpected)


async def _server_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ServerError)
    if isinstance(error, errors.InvalidField):
        return Json({"message": {error.field: str(error)}}, 400)
    if isinstance(error, errors.BadBody):
        return Json({"message": str(error)}, 400)
    return message(str(error), status_of(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return HTMLResponse(f"<h1>Not found</h1><p>There is no {request.method} here.</p>", 404)
    if error.status_code == 405:
        text = f"{request.method} is not possible here: see the header Allow"
        here = allowed(request.app.state.methods, request.url.path)
        return Json({"message": text}, 405, headers={"Allow": ", ".join(here)})
    return message(str(error.detail), error.status_code)


UNSTORABLE = (StatementError, UnicodeEncodeError, OverflowError)
"""What is raised, for one, where a value cannot be stored."""


def unstorable(error: Exception) -> str:
    """Why a value cannot be stored; empty if the error is about something else."""
    cause = getattr(error, "orig", error)
    is_value = isinstance(error, DataError) or isinstance(cause, UnicodeEncodeError | OverflowError)
    return f"a value cannot be stored: {cause}" if is_value else ""


async def _unstorable(request: Request, error: Exception) -> Response:
    """A value that no database takes, such as a number of 30 digits, is the caller's mistake."""
    if problem := unstorable(error):
        return message(problem, 400)
    return await _unexpected(request, error)


async def _unexpected(request: Request, error: Exception) -> Response:
    where = f"{request.method} {request.url.path}"
    log.error("unexpected error at %s", where, exc_info=error)
    return message("the server failed unexpectedly: see its log", 500)
