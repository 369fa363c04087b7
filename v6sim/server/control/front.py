"""Pages for people, before the API: who shows them says so."""

from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = "/_v6sim"
PAGES = "/_v6sim/ui"


class Front:
    """Hands requests for pages to who shows them, and all others on.

    Args:
        app: what answers all others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.pages: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_page = self.pages is not None and scope["type"] == "http" and _is_page(scope["path"])
        answer = self.pages if is_page and self.pages is not None else self._app
        await answer(scope, receive, send)


def _is_page(path: str) -> bool:
    return path.rstrip("/") in (ROOT, PAGES) or path.startswith(f"{PAGES}/")
