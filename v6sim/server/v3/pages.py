"""Pages for people and robots, beside the API (reference: server-api, section 3.1)."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse

from v6sim.runtime.extras import find_module
from v6sim.server.v3.answers import Json
from v6sim.server.v3.document import document

router = APIRouter(include_in_schema=False)

_DOCUMENT = "/apispec_1.json"
_STATIC = "/flasgger_static"
_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
_OFFLINE: dict[str, Any] = {
    "swagger_js_url": f"{_STATIC}/{_FILES[0]}",
    "swagger_css_url": f"{_STATIC}/{_FILES[1]}",
    "swagger_favicon_url": f"{_STATIC}/{_FILES[2]}",
}


@router.get(_DOCUMENT)
async def get_document(request: Request) -> Response:
    """The OpenAPI document."""
    return Json(document(request.app))


@router.get("/apidocs")
async def redirect_to_docs() -> Response:
    """To the documentation."""
    return RedirectResponse("/apidocs/", 308)


@router.get("/apidocs/")
async def browse_docs(request: Request) -> Response:
    """The documentation of the API, with forms to try it; nothing of it is fetched elsewhere."""
    settings: dict[str, Any] = {"persistAuthorization": True, "validatorUrl": None}
    return get_swagger_ui_html(
        openapi_url=_DOCUMENT, title=f"{request.app.title} {request.app.version}",
        swagger_ui_parameters=settings, **_OFFLINE,
    )  # fmt: skip


@router.get(_STATIC + "/{name}")
async def get_static(request: Request) -> Response:
    """A file that the documentation is shown with."""
    name = request.path_params["name"]
    spec = find_module("fastapi_offline")
    if name not in _FILES or spec is None or spec.origin is None:
        raise HTTPException(404)
    return FileResponse(Path(spec.origin).parent / "static" / name)


@router.get("/robots.txt")
async def get_robots() -> Response:
    """Search engines have nothing to do here."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
