"""Answers: JSON, and what each error looks like (reference: server-api, section 1.3)."""

import logging
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.exc import DataError, StatementError
from starlette.exceptions import HTTPException

from v6sim.server import errors
from v6sim.server.v3.methods import allowed

log = logging.getLogger(__name__)


class Json(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of it."""
        return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)


_STATUS: dict[type[errors.ServerError], int] = {
    errors.NotFound: 404,
    errors.Invalid: 400,
    errors.Refused: 401,
    errors.NotAuthenticated: 401,
    errors.BadToken: 422,
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
    for kind in (StatementError, UnicodeEncodeError, OverflowError):
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


async def _unstorable(request: Request, error: Exception) -> Response:
    """A value that no database takes, such as a number of 30 digits, is the caller's mistake."""
    cause = getattr(error, "orig", error)
    if isinstance(error, DataError) or isinstance(cause, UnicodeEncodeError | OverflowError):
        return message(f"a value cannot be stored: {cause}", 400)
    return await _unexpected(request, error)


async def _unexpected(request: Request, error: Exception) -> Response:
    where = f"{request.method} {request.url.path}"
    log.error("unexpected error at %s", where, exc_info=error)
    return message("the server failed unexpectedly: see its log", 500)
