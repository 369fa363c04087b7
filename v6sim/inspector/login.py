"""Logging in with the world's users, as the API has them do it."""

from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from v6sim.inspector.asks import Ask
from v6sim.server.control.front import PAGES, ROOT
from v6sim.server.errors import Invalid, NotAuthenticated, Refused
from v6sim.server.operations import logins
from v6sim.server.operations.call import Call


def show(ask: Ask) -> Response:
    """The form."""
    return _form(ask, then=ask.query("then"))


def log_in(ask: Ask) -> Response:
    """Begin a session, or say what is wrong or missing."""
    form = ask.form
    username, then = form.get("username", ""), form.get("then", "")
    try:
        with ask.core.store.session() as session:
            call = Call(ask.core, session, request=f"POST {PAGES}/login")
            found = logins.log_in(call, username, form.get("password"), form.get("code") or None)
    except (NotAuthenticated, Invalid) as error:
        needs_code = bool(form.get("code"))
        return _form(ask, 401, then, username=username, problem=str(error), needs_code=needs_code)
    match found:
        case logins.FactorToSetUp(factor):
            return _form(ask, 200, then, username=username, factor=factor, needs_code=True)
        case logins.CodeNeeded():
            return _form(ask, 200, then, username=username, needs_code=True)
    response = RedirectResponse(_inside(then), 303)
    ask.house.visitors.log_in(ask.request, response, found.id)
    return response


def open_by_secret(ask: Ask) -> Response:
    """Begin a session of the operator, for who follows the link with the secret in it.

    The link may stand on a page of another origin. So the browser goes on by itself from this page,
    and then sends the cookie, which it would not after a redirect (SameSite=Strict).
    """
    response = ask.page("open")
    response.headers["referrer-policy"] = "no-referrer"
    if not ask.house.visitors.open_by_secret(ask.request, response, ask.query("secret")):
        raise Refused(
            "that is not the secret of this v6sim: it has another one since it was started anew. "
            "Open the link that it has printed last, or log in as a user"
        )
    return response


def log_out(ask: Ask) -> Response:
    """End the session."""
    response = ask.go("/login")
    ask.house.visitors.log_out(ask.request, response)
    return response


def _form(
    ask: Ask, status: int = 200, then: str = "", *, username: str = "", problem: str = "",
    factor: object = None, needs_code: bool = False,
) -> Response:  # fmt: skip
    return ask.page(
        "login", status, then=_inside(then), username=username, problem=problem, factor=factor,
        needs_code=needs_code,
    )  # fmt: skip


def _inside(then: str) -> str:
    """Where to go afterwards: never to another server's page."""
    try:
        parts = urlsplit(then)
    except ValueError:  # as of //[
        return f"{ROOT}/"
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{ROOT}/")
    return then if is_ours and "\\" not in then else f"{ROOT}/"
