"""Where all requests for pages pass: who is let in, and what each answer carries."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from inspect import isawaitable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from v6sim.inspector.asks import Ask, House
from v6sim.inspector.live import Live
from v6sim.inspector.routes import Access, Route, find
from v6sim.inspector.visitors import Visitors
from v6sim.runtime.client_disconnect import until_gone
from v6sim.server.control.front import PAGES, ROOT
from v6sim.server.errors import Invalid, NotFound, Refused, ServerError

if TYPE_CHECKING:
    from v6sim.server.app import Server

_LONGEST = 100_000  # bytes of a form

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""What each answer carries, unless it says something else itself."""

log = logging.getLogger(__name__)


class Gate:
    """The inspector of one server, as an ASGI app.

    Args:
        server: what is looked at.
    """

    def __init__(self, server: "Server") -> None:
        self._house = House(server, Visitors(server.core, server.secret), Live(server))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = await self._answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path in (ROOT, PAGES, f"{PAGES}/"):
            return RedirectResponse(f"{ROOT}/", 308)
        visitors = self._house.visitors
        before = visitors.of(request)
        ask = Ask(self._house, request, visitors.welcome(before), self._house.live.mark())
        try:
            response = await self._let_in(ask)
        except ServerError as error:
            response = _failure(ask, error)
        except Exception:
            log.exception("unexpected error at %s %s", request.method, path)
            response = ask.page("error", 500, title="Something failed", text="See the server's log")
        if not before.ticket and response.headers.get("content-type", "").startswith("text/html"):
            visitors.give_ticket(request, response, ask.visitor)
        return response

    async def _let_in(self, ask: Ask) -> Response:
        """Find who answers, and make sure that the visitor may ask.

        Raises:
            ServerError: there is nothing there, or they may not.
        """
        method = ask.request.method.replace("HEAD", "GET")
        route, names = find(method, ask.request.url.path)
        if route.access is not Access.ANYBODY and ask.visitor.caller is None:
            return _to_log_in(ask)
        _check(ask, route)
        ask.request.scope["path_params"] = names
        if method == "POST":
            ask = replace(ask, form=await _form(ask.request))
            _check_form(ask)
        answer = route.answer(ask)
        if not isawaitable(answer):
            return answer
        if method != "GET":
            return await answer  # what changes something comes to its end
        return await until_gone(ask.request.receive, answer) or Response(status_code=499)


def _check(ask: Ask, route: Route) -> None:
    visitor = ask.visitor
    if route.access is Access.SEES_ALL and not visitor.sees_all:
        raise Refused("this is for the operator, and for those who hold all global rules, as root")
    if route.access is Access.CHANGES and visitor.is_read_only:
        raise Refused("the inspector is read-only: the setting `inspector` of this server says so")
    if route.access is Access.CHANGES and not visitor.may_change:
        raise Refused("only the operator changes something: open the link that `v6sim up` prints")


async def _form(request: Request) -> Mapping[str, str]:
    """What a form carries.

    Raises:
        Invalid: it is too long, or no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise Invalid(f"a form is expected, not {kind!r}")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST:
            raise Invalid(f"a form has at most {_LONGEST} bytes")
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _check_form(ask: Ask) -> None:
    """Make sure that a form was sent from a page of ours, shown to the same visitor.

    Raises:
        Refused: it was not.
    """
    token = ask.form.get("token", "")
    origin = ask.request.headers.get("origin")
    is_own = origin is None or _netloc(origin) == ask.request.url.netloc
    if not is_own or not ask.house.visitors.is_theirs(ask.visitor, token):
        raise Refused("this form was not sent from the page as it was last shown: load it again")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # as of http://[
        return ""


def _to_log_in(ask: Ask) -> Response:
    """To the form; what asks without a person is told by a status."""
    headers, here = ask.request.headers, ask.request.url
    if ask.is_part or "text/event-stream" in headers.get("accept", ""):
        return Response(status_code=401, headers={"hx-redirect": f"{PAGES}/login"})
    if ask.request.method == "POST" or here.path == f"{ROOT}/":
        return ask.go("/login")
    return ask.go("/login", then=f"{here.path}?{here.query}" if here.query else here.path)


def _failure(ask: Ask, error: ServerError) -> Response:
    """The page that says what went wrong."""
    title, status = "This cannot be done", 400
    if isinstance(error, NotFound):
        title, status = "There is nothing here", 404
    elif isinstance(error, Refused):
        title, status = "You may not see or do this", 403
    elif not isinstance(error, Invalid):
        status = 403
    return ask.page("error", status, title=title, text=str(error))
