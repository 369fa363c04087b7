"""What would happen: a request by some user, of which nothing lasts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from fastapi import APIRouter, Request, Response
from sqlmodel import select
from starlette.types import Message

from v6sim.server.access.callers import Kind
from v6sim.server.control.decisions import shape
from v6sim.server.errors import Invalid, NotFound
from v6sim.server.store.tables import User
from v6sim.server.v3.answers import Json
from v6sim.server.v3.bodies import read_raw, receive
from v6sim.server.v3.requests import REHEARSAL, core_of

router = APIRouter()


@dataclass(frozen=True)
class Wanted:
    """A request to try out."""

    username: str
    method: str
    path: str
    body: Any = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """What a body asks for.

        Raises:
            Invalid: something is missing or no text.
        """
        username, method, path = (given.get(name) for name in ("username", "method", "path"))
        if not all(isinstance(text, str) for text in (username, method, path)):
            raise Invalid("'username', 'method' and 'path' have to be texts")
        return cls(str(username), str(method), str(path), given.get("body"))


@router.post("/explain")
async def explain(request: Request) -> Response:
    """The status and body that a request would get, and the decisions behind it."""
    await receive(request)
    core, wanted = core_of(request), Wanted.of(read_raw(request))
    with core.store.session() as session:
        key = session.exec(select(User.id).where(User.username == wanted.username)).first()
    if key is None:
        raise NotFound("user", wanted.username)
    state: dict[str, Any] = {REHEARSAL: True}
    status, body = await _ask(request, wanted, core.tokens.access(key, Kind.USER), state)
    with core.store.session() as session:
        decisions = [shape(session, record) for record in state.get("records", ())]
    return Json({"status": status, "body": body, "decisions": decisions})


async def _ask(
    request: Request, wanted: Wanted, token: str, state: dict[str, Any]
) -> tuple[int, Any]:
    """Put the request to this very server, without a network."""
    path, _, query = wanted.path.partition("?")
    if path.startswith("/_v6sim"):
        raise Invalid(f"{path} is not part of the API: only its paths can be explained")
    prefix = core_of(request).settings.api_path
    path = path if path.startswith(f"{prefix}/") else f"{prefix}{path}"
    method = wanted.method.upper().replace("HEAD", "GET")
    content = b"" if wanted.body is None else json.dumps(wanted.body).encode()
    headers = {"host": "localhost", "authorization": f"Bearer {token}"}
    if content:
        headers["content-type"] = "application/json"
    scope = {
        **{key: request.scope[key] for key in ("type", "asgi", "http_version", "scheme", "server")},
        "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "client": request.scope["client"],
        "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        "state": state,
    }  # fmt: skip
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content}

    async def send(message: Message) -> None:
        said.append(message)

    await request.app(scope, receive, send)
    body = b"".join(part.get("body", b"") for part in said[1:])
    is_json = dict(said[0]["headers"]).get(b"content-type", b"").startswith(b"application/json")
    return said[0]["status"], json.loads(body) if is_json and body else body.decode()
