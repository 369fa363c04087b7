"""What is v6sim's own, before the API: pages for people and what programs may turn."""

from starlette.types import ASGIApp, Receive, Scope, Send

from v6sim.server.control.boundary import ControlBoundary

ROOT = "/_v6sim"
PAGES = "/_v6sim/ui"
_NO_PAGES = (f"{PAGES}/static/", f"{PAGES}/live")


class Front:
    """Hands requests for what is v6sim's own to who answers them, and all others on.

    Args:
        app: what answers all others.
        control: what answers those of programs under `/_v6sim/`.
    """

    def __init__(self, app: ASGIApp, control: ASGIApp) -> None:
        self._app, self._control = app, control
        self.pages: ASGIApp | None = None
        self._own = ControlBoundary(self._answer, is_page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_own = scope["type"] == "http" and _is_own(scope["path"])
        await (self._own if is_own else self._app)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        pages = self.pages if _is_for_people(scope["path"]) else None
        await (pages or self._control)(scope, receive, send)


def is_page(path: str) -> bool:
    """Return whether a path is that of a page, which a link may lead to."""
    return _is_for_people(path) and not path.startswith(_NO_PAGES)


def _is_own(path: str) -> bool:
    return path == ROOT or path.startswith(f"{ROOT}/")


def _is_for_people(path: str) -> bool:
    return path.rstrip("/") in (ROOT, PAGES) or path.startswith(f"{PAGES}/")
