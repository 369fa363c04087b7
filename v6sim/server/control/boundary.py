"""ASGI middleware around all that lies under `/_v6sim/`: no web page of another site gets in."""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_OWN_PAGES = {"same-origin", "none"}
"""What browsers say of requests that no page of another origin makes (Fetch Metadata)."""


class ControlBoundary:
    """Refuses what pages of other origins ask for, unless they lead to a page of the inspector.

    Answers carry no header of CORS and are not kept by any cache.

    Args:
        app: what answers.
        is_page: whether there is a page for people at a path, which a link may lead to.
    """

    def __init__(self, app: ASGIApp, is_page: Callable[[str], bool]) -> None:
        self._app, self._is_page = app, is_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refused = scope["type"] == "http" and self._is_of_another_page(scope)
        await (_REFUSAL if refused else self._app)(scope, receive, send_closed)

    def _is_of_another_page(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if _OWN_PAGES.issuperset(headers.getlist("sec-fetch-site")):  # programs say nothing
            return False
        is_link = (
            scope["method"] == "GET"
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )
        return not (is_link and self._is_page(scope["path"]))


_REFUSAL = JSONResponse({"msg": "this is not for web pages of other origins"}, 403)
