"""Asking an ASGI app directly, with paths that HTTP clients would tidy up."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp, Message


async def ask(
    app: ASGIApp, method: str, target: str, headers: Mapping[str, str], body: bytes | None
) -> httpx.Response:
    """The answer to one request, sent as it is."""
    path, _, query = target.partition("?")
    given = {"host": "localhost", "content-length": str(len(body or b"")), **headers}
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": unquote(path), "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("server", 80),
        "headers": [(key.lower().encode(), value.encode()) for key, value in given.items()],
    }  # fmt: skip
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body or b""}

    async def send(message: Message) -> None:
        said.append(message)

    await app(scope, receive, send)
    content = b"".join(part.get("body", b"") for part in said[1:])
    return httpx.Response(said[0]["status"], headers=said[0]["headers"], content=content)
