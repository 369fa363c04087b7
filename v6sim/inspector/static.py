"""The files that pages are shown with: styles, scripts, and the sign of the product."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response

from v6sim.inspector.asks import Ask
from v6sim.server.errors import NotFound

_FOLDER = Path(__file__).parent / "static"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def send(ask: Ask) -> Response:
    """A file, which browsers may keep for as long as it is the same."""
    name = ask.request.path_params["name"]
    content, etag = _files().get(name) or _missing(name)
    headers = {"etag": etag, "cache-control": "no-cache"}
    if ask.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_KINDS[Path(name).suffix], headers=headers)


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    """The content of each, and what changes with it."""
    found = {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _KINDS:
            content = path.read_bytes()
            found[path.name] = (content, f'"{hashlib.sha256(content).hexdigest()[:20]}"')
    return found


def _missing(name: str) -> tuple[bytes, str]:
    raise NotFound("file", name)
